// model/message_report.h: what an answer of the Messages API tells about itself: model, usage, error.
// Streams tell it in several events, of which the later ones correct the earlier.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/ledger.h"
#include "model/prices.h"

namespace weir::model {

// An entry of usage.iterations[] that the usage around it does not include: an advisor's turn, often of
// another model, or a compaction.
struct SideStep {
  std::string model;  // empty: that of the message
  data::Usage usage;
};

struct MessageReport {
  std::string type;  // of the object read last: message, message_start, message_delta, message_stop, error
  std::string model;
  std::string error_type;  // "overloaded_error"
  bool has_usage = false;
  data::Usage usage;  // without the side steps
  PriceModifiers modifiers;
  std::vector<SideStep> side_steps;

  // Reads a message, an event's data or an error body. A field that is there replaces what was told
  // before; one that is absent leaves it. False when `json` is broken: what stood before the break counts.
  // `json` may be given more capacity, its contents stay.
  bool read(std::string& json);
};

}  // namespace weir::model

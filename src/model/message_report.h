// model/message_report.h: what an answer tells about itself, in whichever dialect: model, usage, error.
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
  std::string model;       // empty: not told, or as it was asked for
  std::string error_type;  // "overloaded_error"; of OpenAI's errors the type, else the code
  bool has_usage = false;
  data::Usage usage;  // without the side steps
  PriceModifiers modifiers;
  std::vector<SideStep> side_steps;
};

}  // namespace weir::model

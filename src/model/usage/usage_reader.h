// model/usage/usage_reader.h: how one dialect tells what an answer used. The meter finds events, frames and
// bodies in the bytes that pass by; a reader understands them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/dialects/dialect.h"
#include "model/event_scanner.h"
#include "model/message_report.h"
#include "net/eventstream/eventstream.h"

namespace weir::model {

// What has been read of a stream so far.
struct StreamProgress {
  bool begun = false;            // an answer has begun: without a final figure its use is estimated
  bool final = false;            // the usage is the provider's final figure
  bool ended = false;            // the stream has said its last word
  std::uint64_t deltas = 0;      // pieces of the answer in events and frames that were read
  std::uint64_t text_bytes = 0;  // of the answer in those
};

struct BodyRead {
  bool whole = false;  // the document is not cut off
  bool final = false;  // the usage is the provider's final figure
};

// Made for one answer. A field that is there replaces what was told before; one that is absent leaves it.
class UsageReader {
 public:
  virtual ~UsageReader() = default;
  // Which events of the stream are to be read or counted.
  virtual EventKindOf event_kinds() const = 0;
  // JSON around the text of a delta that is only counted.
  virtual std::uint64_t delta_envelope_bytes() const = 0;
  // The data of a telling event. `data` and `json` may be given more capacity.
  virtual void read_event(std::string& data, StreamProgress& progress, MessageReport& report) = 0;
  virtual void read_frame(const net::Frame& frame, StreamProgress& progress, MessageReport& report) = 0;
  virtual BodyRead read_body(std::string& json, MessageReport& report) = 0;
};

// Null for Dialect::opaque.
std::unique_ptr<UsageReader> usage_reader(Dialect dialect);

}  // namespace weir::model

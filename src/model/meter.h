// model/meter.h: reads an answer in passing, without changing it, and tells what it used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/ledger.h"
#include "model/event_scanner.h"
#include "model/message_report.h"

namespace weir::model {

enum class MeterKind : std::uint8_t {
  event_stream,  // Messages, streamed
  json,          // a message or an error in one piece
  opaque,        // encoded, or of a type that the meter does not read
};

struct MeterLimits {
  std::size_t event_size_max = 1024 * 1024;      // of an event that tells about usage
  std::size_t json_size_max = 16 * 1024 * 1024;  // of a body that is kept until its end
};

class Meter {
 public:
  explicit Meter(MeterKind kind, MeterLimits limits = {});

  void feed(std::string_view bytes);
  void finish();  // the body has ended; what it told is final when it was whole

  const MessageReport& report() const { return report_; }
  // What has been used so far. Without the provider's final figure, output is at least what was reported
  // and at least an estimate from the bytes of the deltas.
  data::Usage usage() const;
  bool usage_estimated() const;

  bool saw_event() const { return scanner_.events() > 0; }
  bool saw_delta() const { return scanner_.deltas() > 0; }
  // The stream has said its last word: message_stop or error.
  bool ended() const { return ended_; }
  // How many of the bytes so far belong to an event that has not ended.
  std::uint64_t open_size() const { return scanner_.open_size(); }

 private:
  void feed_events(std::string_view bytes);
  void feed_json(std::string_view bytes);

  MeterKind kind_;
  MeterLimits limits_;
  EventScanner scanner_;
  MessageReport report_;
  std::string json_;
  std::size_t bytes_ = 0;
  bool begun_ = false;  // a message has begun
  bool final_ = false;  // the usage is the provider's final figure
  bool ended_ = false;
};

}  // namespace weir::model

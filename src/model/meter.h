// model/meter.h: reads an answer of the Messages API in passing, without changing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/answer_meter.h"
#include "model/event_scanner.h"

namespace weir::model {

struct MeterLimits {
  std::size_t event_size_max = 1024 * 1024;      // of an event that tells about usage
  std::size_t json_size_max = 16 * 1024 * 1024;  // of a body that is kept until its end
};

class Meter final : public AnswerMeter {
 public:
  explicit Meter(MeterKind kind, MeterLimits limits = {});

  void feed(std::string_view bytes) override;
  void finish() override;

  const MessageReport& report() const override { return report_; }
  // Without the final figure: at least an estimate from the bytes of the deltas.
  data::Usage usage() const override;
  bool usage_estimated() const override;

  bool is_stream() const override { return kind_ == MeterKind::event_stream; }
  bool saw_event() const override { return scanner_.events() > 0; }
  bool saw_delta() const override { return scanner_.deltas() > 0; }
  bool ended() const override { return ended_; }  // of a stream: after message_stop or error
  bool at_boundary() const override { return scanner_.at_boundary(); }

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

// model/meter.h: reads an answer in passing, without changing it: finds the events, frames or the body, which
// the dialect's usage reader understands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "model/answer_meter.h"
#include "model/event_scanner.h"
#include "model/usage/usage_reader.h"
#include "net/eventstream/eventstream.h"

namespace weir::model {

struct MeterLimits {
  std::size_t event_size_max = 1024 * 1024;      // of an event that tells about usage
  std::size_t json_size_max = 16 * 1024 * 1024;  // of a body, an event or a frame that is kept until its end
};

class Meter final : public AnswerMeter {
 public:
  explicit Meter(MeterKind kind, Dialect dialect = Dialect::messages, MeterLimits limits = {});

  // What the fields of an answer tell; its body may correct it.
  void take_counts(const net::Headers& answer);
  void assume_prompt_tokens(std::int64_t tokens) override { prompt_estimate_ = tokens; }
  void feed(std::string_view bytes) override;
  void finish() override;

  const MessageReport& report() const override { return report_; }
  // Without the final figure: at least an estimate from the bytes of the deltas.
  data::Usage usage() const override;
  bool usage_estimated() const override;

  bool is_stream() const override { return kind_ == MeterKind::event_stream || kind_ == MeterKind::frames; }
  bool saw_event() const override { return scanner_.events() + frames_read_ > 0; }
  bool saw_delta() const override { return scanner_.deltas() + progress_.deltas > 0; }
  bool ended() const override { return progress_.ended; }
  std::size_t open_size() const override;

 private:
  void feed_frames(std::string_view bytes);
  void feed_json(std::string_view bytes);
  std::int64_t estimated_output_tokens() const;

  MeterKind kind_;
  MeterLimits limits_;
  std::unique_ptr<UsageReader> reader_;  // null: opaque
  EventScanner scanner_;
  net::FrameDecoder frames_;
  MessageReport report_;
  StreamProgress progress_;
  std::string json_;
  std::size_t bytes_ = 0;
  std::uint64_t frames_read_ = 0;
  std::int64_t prompt_estimate_ = 0;
  bool broken_ = false;   // no more frames can be found
  bool counted_ = false;  // by the answer's fields
};

}  // namespace weir::model

// model/openai_meter.h: reads an answer of OpenAI's APIs in passing: Chat Completions, Responses,
// Embeddings, as documents and as streams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/answer_meter.h"
#include "model/event_scanner.h"
#include "model/meter.h"

namespace weir::model {

// A Chat Completions stream tells its usage only when the caller asked for it (stream_options); without,
// the usage is an estimate.
class OpenAiMeter final : public AnswerMeter {
 public:
  explicit OpenAiMeter(MeterKind kind, MeterLimits limits = {});  // event_stream or json

  void feed(std::string_view bytes) override;
  void finish() override;

  const MessageReport& report() const override { return report_; }
  data::Usage usage() const override;
  bool usage_estimated() const override { return begun_ && !final_; }

  bool is_stream() const override { return kind_ == MeterKind::event_stream; }
  bool saw_event() const override { return scanner_.events() > 0; }
  bool saw_delta() const override { return deltas_ > 0; }
  bool ended() const override { return ended_; }  // of a stream: after [DONE], response.completed, an error
  bool at_boundary() const override { return scanner_.at_boundary(); }

 private:
  void take_event(std::string& data);
  void count_delta(std::string_view data);

  MeterKind kind_;
  MeterLimits limits_;
  EventScanner scanner_;
  MessageReport report_;
  std::string json_;
  std::size_t bytes_ = 0;
  std::uint64_t deltas_ = 0;
  std::uint64_t text_bytes_ = 0;
  bool begun_ = false;
  bool final_ = false;
  bool ended_ = false;
};

// Reads a document, a chunk, or an event's data: model, usage, error. As MessageReport::read.
bool read_openai_report(MessageReport& report, std::string& json);

}  // namespace weir::model

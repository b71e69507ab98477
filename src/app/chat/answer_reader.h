// app/chat/answer_reader.h: the provider's event stream as the steps of an answer, without I/O.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "model/message_report.h"
#include "net/sse/sse.h"

namespace weir::app {

struct TextDelta {
  std::string text;
};
struct CitationDelta {
  json::value citation;
};
using AnswerStep = std::variant<TextDelta, CitationDelta>;

class AnswerReader {
 public:
  // The steps that `bytes` complete. A citation stands behind the words that it supports: the API sends it
  // before the text of its content block, and it becomes a step when that block ends. upstream_failed: an
  // `error` event, or an event that is no JSON.
  Result<std::vector<AnswerStep>> feed(std::string_view bytes);

  bool complete() const { return complete_; }  // message_stop has come
  const std::string& stop_reason() const { return stop_reason_; }
  const model::MessageReport& report() const { return report_; }

 private:
  Result<> take(std::string_view data, std::vector<AnswerStep>& steps);
  void take_delta(const json::value& event, std::vector<AnswerStep>& steps);
  void end_block(std::vector<AnswerStep>& steps);

  net::SseParser parser_;
  model::MessageReport report_;
  std::vector<json::value> citations_;  // of the open content block
  std::string stop_reason_;
  bool complete_ = false;
};

}  // namespace weir::app

#include "app/chat/answer_reader.h"

#include "model/usage/messages_usage.h"

namespace weir::app {

void AnswerReader::take_delta(const json::value& event, std::vector<AnswerStep>& steps) {
  const json::value* delta = find_member(event, "delta");
  if (delta == nullptr) return;
  const std::string_view type = string_member(*delta, "type");
  if (type == "text_delta") {
    const std::string_view text = string_member(*delta, "text");
    if (!text.empty()) steps.emplace_back(TextDelta{std::string(text)});
  } else if (type == "citations_delta") {
    const json::value* citation = find_member(*delta, "citation");
    if (citation != nullptr) citations_.push_back(*citation);
  }
}

void AnswerReader::end_block(std::vector<AnswerStep>& steps) {
  for (json::value& citation : citations_) steps.emplace_back(CitationDelta{std::move(citation)});
  citations_.clear();
}

Result<std::vector<AnswerStep>> AnswerReader::feed(std::string_view bytes) {
  std::vector<AnswerStep> steps;
  Result<> outcome;
  auto fed = parser_.feed(bytes, [&](const net::SseEvent& event) {
    if (outcome) outcome = take(event.data, steps);
  });
  if (!fed) return fail(fed);
  if (!outcome) return fail(outcome);
  return steps;
}

Result<> AnswerReader::take(std::string_view data, std::vector<AnswerStep>& steps) {
  auto event = parse_json(data);
  if (!event) return fail(Code::upstream_failed, "Claude sent an event that is no JSON", "ask again");
  const std::string_view type = string_member(*event, "type");
  if (type == "error") {
    const json::value* error = find_member(*event, "error");
    const std::string_view message = error ? string_member(*error, "message") : std::string_view();
    return fail(Code::upstream_failed, "Claude ended the answer with an error: " + std::string(message),
                "ask again");
  }
  if (type == "content_block_delta") {
    take_delta(*event, steps);
  } else if (type == "message_start" || type == "message_delta") {
    std::string copy(data);
    std::string read_type;
    model::read_messages_document(copy, read_type, report_);
    const json::value* delta = find_member(*event, "delta");
    const std::string_view reason = delta ? string_member(*delta, "stop_reason") : std::string_view();
    if (!reason.empty()) stop_reason_ = reason;
  } else if (type == "content_block_stop") {
    end_block(steps);
  } else if (type == "message_stop") {
    end_block(steps);
    complete_ = true;
  }
  return {};
}

}  // namespace weir::app

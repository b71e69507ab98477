#include "model/usage/chat_usage.h"

namespace weir::model {
namespace {

EventKind chat_event_kind(std::string_view) {
  return EventKind::telling;
}

}  // namespace

EventKindOf ChatUsage::event_kinds() const {
  return chat_event_kind;
}

void ChatUsage::read_event(std::string& data, StreamProgress& progress, MessageReport& report) {
  if (data == " [DONE]" || data == "[DONE]") {
    progress.ended = true;
    return;
  }
  reader_.read(data);
  const ChatChunk& chunk = reader_.chunk();
  take(report);
  progress.begun = progress.begun || chunk.has_choice;
  progress.final = progress.final || chunk.has_usage;
  // Some providers leave [DONE] out.
  progress.ended = progress.ended || chunk.has_error || !chunk.finish_reason.empty();
  std::size_t size = chunk.text.size() + chunk.refusal.size() + chunk.reasoning.size();
  for (const ToolCallDelta& call : chunk.tool_calls) size += call.name.size() + call.arguments.size();
  if (size > 0) ++progress.deltas;
  progress.text_bytes += size;
}

BodyRead ChatUsage::read_body(std::string& json, MessageReport& report) {
  const bool whole = reader_.read(json);
  take(report);
  return {.whole = whole, .final = reader_.chunk().has_usage || reader_.chunk().has_error};
}

void ChatUsage::take(MessageReport& report) const {
  const ChatChunk& chunk = reader_.chunk();
  if (!chunk.model.empty()) report.model = chunk.model;
  if (!chunk.service_tier.empty()) report.modifiers.tier = openai_tier(chunk.service_tier);
  if (chunk.has_usage) {
    report.usage = chunk.usage.disjoint();
    report.has_usage = true;
  }
  if (!chunk.has_error) return;
  report.error_type = !chunk.error_type.empty() ? chunk.error_type : chunk.error_code;
  if (report.error_type.empty()) report.error_type = "error";
}

}  // namespace weir::model

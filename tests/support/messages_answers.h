// messages_answers.h: what an answer of the Messages API says, read the slow and plain way, to compare
// translations with.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "net/sse/sse.h"
#include "openai_checkers.h"

namespace weir::testing {

inline std::int64_t count_at(const json::value* usage, std::string_view name) {
  const json::value* count = usage == nullptr ? nullptr : find_member(*usage, name);
  return count != nullptr && count->is_int64() ? count->get_int64() : 0;
}

// Said::usage is Claude's own usage object here, finish_reason its stop_reason.
inline Said read_message(const json::value& message) {
  Said said;
  said.id = string_member(message, "id");
  said.model = string_member(message, "model");
  said.finish_reason = string_member(message, "stop_reason");
  said.usage = message.at("usage");
  for (const json::value& block : message.at("content").as_array()) {
    const std::string_view type = string_member(block, "type");
    if (type == "text") said.text += string_member(block, "text");
    if (type == "thinking") said.thinking += string_member(block, "thinking");
    if (type != "tool_use") continue;
    said.calls.push_back({std::string(string_member(block, "id")), std::string(string_member(block, "name")),
                          json::serialize(block.at("input"))});
  }
  return said;
}

inline Said read_messages_stream(std::string_view stream) {
  Said said;
  json::object usage;
  bool in_tool = false;
  const auto take = [&](const json::value& event) {
    const std::string_view type = string_member(event, "type");
    const json::value* delta = find_member(event, "delta");
    if (type == "message_start") {
      said.id = string_member(event.at("message"), "id");
      said.model = string_member(event.at("message"), "model");
    } else if (type == "content_block_start") {
      const json::value& block = event.at("content_block");
      in_tool = string_member(block, "type") == "tool_use";
      if (in_tool)
        said.calls.push_back(
            {std::string(string_member(block, "id")), std::string(string_member(block, "name")), {}});
    } else if (type == "content_block_delta") {
      said.text += string_member(*delta, "text");
      said.thinking += string_member(*delta, "thinking");
      if (in_tool) said.calls.back().arguments += string_member(*delta, "partial_json");
    } else if (type == "message_delta") {
      said.finish_reason = string_member(*delta, "stop_reason");
    } else if (type == "error") {
      said.error = event.at("error");
    }
    const json::value* told = find_member(event, "usage");
    if (type == "message_start") told = find_member(event.at("message"), "usage");
    if (told == nullptr) return;
    for (const auto& [name, value] : told->as_object()) usage[name] = value;
  };
  net::SseParser parser;
  const auto fed = parser.feed(stream, [&](const net::SseEvent& event) { take(json::parse(event.data)); });
  if (!fed) said.wrong.push_back(fed.error().message);
  for (ToolCall& call : said.calls) {
    if (call.arguments.empty()) call.arguments = "{}";
  }
  said.usage = usage;
  return said;
}

}  // namespace weir::testing

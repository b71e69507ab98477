// openai_checkers.h: reads what a client of OpenAI would get, and is strict about it: every deviation from
// the recorded shape of streams and answers becomes a line in `wrong`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <algorithm>
#include <initializer_list>

#include "base/json.h"

namespace weir::testing {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;
  bool operator==(const ToolCall&) const = default;
};

// What an answer says, in whichever dialect.
struct Said {
  std::string id;
  std::string model;
  std::string text;
  std::string thinking;
  std::vector<ToolCall> calls;
  std::string refusal;
  std::string finish_reason;
  json::value usage;  // null: none
  json::value error;  // of a stream that ended with one
  int deltas = 0;
  std::vector<std::string> wrong;
};

inline bool only_members(const json::value& value, std::initializer_list<std::string_view> names) {
  if (!value.is_object()) return false;
  for (const auto& [name, member] : value.get_object()) {
    if (std::find(names.begin(), names.end(), std::string_view(name)) == names.end()) return false;
  }
  return true;
}

// The events of a stream; comments are allowed, anything else that is neither is wrong.
inline std::vector<std::pair<std::string, std::string>> sse_events(std::string_view stream, Said& said) {
  std::vector<std::pair<std::string, std::string>> events;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    if (end == std::string_view::npos) {
      said.wrong.push_back("an event without an end");
      break;
    }
    std::string_view event = stream.substr(0, end);
    stream.remove_prefix(end + 2);
    if (event == ": ping") continue;
    std::string name;
    if (event.starts_with("event: ")) {
      name = event.substr(7, event.find('\n') - 7);
      event.remove_prefix(std::min(event.size(), event.find('\n') + 1));
    }
    if (!event.starts_with("data: ") || event.find('\n') != std::string_view::npos) {
      said.wrong.push_back("no data line: " + std::string(event));
      continue;
    }
    events.emplace_back(name, event.substr(6));
  }
  return events;
}

class ChatStreamChecker {
 public:
  explicit ChatStreamChecker(bool include_usage) : include_usage_(include_usage) {}

  Said read(std::string_view stream) {
    for (const auto& [name, data] : sse_events(stream, said_)) {
      check(name.empty(), "an event has a name");
      check(!ended_, "something after the end");
      if (data == "[DONE]") {
        ended_ = true;
        check(!said_.finish_reason.empty(), "done without a finish_reason");
        check(include_usage_ == !said_.usage.is_null(), "usage where none was asked for, or the reverse");
        continue;
      }
      boost::system::error_code ec;
      const json::value chunk = json::parse(data, ec, {}, {.max_depth = 256});
      check(!ec && chunk.is_object(), "a chunk is no JSON object");
      if (!ec && chunk.is_object()) take(chunk);
    }
    check(ended_, "the stream does not end");
    return std::move(said_);
  }

 private:
  void check(bool holds, const char* otherwise) {
    if (!holds) said_.wrong.emplace_back(otherwise);
  }

  void take(const json::value& chunk) {
    if (const json::value* error = find_member(chunk, "error")) {
      check(only_members(*error, {"message", "type", "param", "code"}), "members of an error");
      check(!string_member(*error, "message").empty() && !string_member(*error, "type").empty(),
            "an empty error");
      said_.error = *error;
      ended_ = true;
      return;
    }
    check(only_members(chunk, {"id", "object", "created", "model", "service_tier", "choices", "usage"}),
          "members of a chunk");
    check(string_member(chunk, "object") == "chat.completion.chunk", "object");
    if (first_.is_null()) first_ = chunk;
    for (const char* same : {"id", "created", "model"}) check(chunk.at(same) == first_.at(same), same);
    said_.id = string_member(chunk, "id");
    said_.model = string_member(chunk, "model");
    const json::value* usage = find_member(chunk, "usage");
    check((usage != nullptr) == include_usage_, "usage member");
    const json::array& choices = chunk.at("choices").as_array();
    if (choices.empty()) {
      check(usage != nullptr && usage->is_object() && !said_.finish_reason.empty() && said_.usage.is_null(),
            "usage chunk");
      if (usage != nullptr) said_.usage = *usage;
      return;
    }
    check(usage == nullptr || usage->is_null(), "usage before the end");
    check(choices.size() == 1 && only_members(choices[0], {"index", "delta", "logprobs", "finish_reason"}),
          "choices");
    check(choices[0].at("index") == json::value(0), "index of the choice");
    check(said_.finish_reason.empty(), "a choice after the finish_reason");
    take_delta(choices[0].at("delta"));
    const json::value& reason = choices[0].at("finish_reason");
    if (reason.is_null()) return;
    check(choices[0].at("delta").as_object().empty(), "the last delta says something");
    said_.finish_reason = reason.as_string();
  }

  void take_delta(const json::value& delta) {
    check(only_members(delta, {"role", "content", "refusal", "reasoning_content", "tool_calls"}),
          "members of a delta");
    const bool has_role = find_member(delta, "role") != nullptr;
    check(has_role == !said_any_, "the role comes first, and once");
    check(!has_role || string_member(delta, "role") == "assistant", "role");
    said_any_ = true;
    ++said_.deltas;
    said_.text += string_member(delta, "content");
    said_.thinking += string_member(delta, "reasoning_content");
    said_.refusal += string_member(delta, "refusal");
    const json::value* calls = find_member(delta, "tool_calls");
    if (calls == nullptr) return;
    check(calls->is_array() && calls->get_array().size() == 1, "one tool call in a chunk");
    const json::value& call = calls->at(0);
    const json::value& function = call.at("function");
    const auto index = static_cast<std::size_t>(call.at("index").as_int64());
    if (index == said_.calls.size()) {
      check(only_members(call, {"index", "id", "type", "function"}) &&
                string_member(call, "type") == "function",
            "tool call");
      check(!string_member(call, "id").empty() && !string_member(function, "name").empty(),
            "id and name of a tool call");
      said_.calls.push_back(
          {std::string(string_member(call, "id")), std::string(string_member(function, "name")), {}});
    } else {
      check(index + 1 == said_.calls.size(), "arguments of a tool call that is not the last");
      check(only_members(call, {"index", "function"}) && only_members(function, {"arguments"}),
            "a tool call is named twice");
    }
    check(function.at("arguments").is_string(), "arguments");
    if (!said_.calls.empty()) said_.calls.back().arguments += string_member(function, "arguments");
  }

  bool include_usage_;
  bool ended_ = false;
  bool said_any_ = false;
  json::value first_;
  Said said_;
};

inline Said read_chat_answer(const json::value& answer) {
  Said said;
  const auto check = [&](bool holds, const char* otherwise) {
    if (!holds) said.wrong.emplace_back(otherwise);
  };
  check(only_members(answer, {"id", "object", "created", "model", "service_tier", "choices", "usage"}),
        "members");
  check(string_member(answer, "object") == "chat.completion", "object");
  said.id = string_member(answer, "id");
  said.model = string_member(answer, "model");
  said.usage = answer.at("usage");
  check(answer.at("choices").as_array().size() == 1, "one choice");
  const json::value& choice = answer.at("choices").at(0);
  check(only_members(choice, {"index", "message", "logprobs", "finish_reason"}), "members of the choice");
  said.finish_reason = choice.at("finish_reason").as_string();
  const json::value& message = choice.at("message");
  check(
      only_members(message, {"role", "content", "refusal", "reasoning_content", "annotations", "tool_calls"}),
      "message");
  check(string_member(message, "role") == "assistant", "role");
  said.text = string_member(message, "content");
  said.thinking = string_member(message, "reasoning_content");
  said.refusal = string_member(message, "refusal");
  const json::value* calls = find_member(message, "tool_calls");
  check(message.at("content").is_string() || calls != nullptr, "an answer that says nothing");
  if (calls == nullptr) return said;
  check(!calls->as_array().empty(), "no tool calls are no list");
  for (const json::value& call : calls->as_array()) {
    check(only_members(call, {"id", "type", "function"}) && string_member(call, "type") == "function",
          "tool call");
    said.calls.push_back({std::string(string_member(call, "id")),
                          std::string(string_member(call.at("function"), "name")),
                          std::string(call.at("function").at("arguments").as_string())});
  }
  return said;
}

}  // namespace weir::testing

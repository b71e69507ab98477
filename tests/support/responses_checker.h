// responses_checker.h: reads what a client of OpenAI's Responses API would get, and is strict about it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "openai_checkers.h"

namespace weir::testing {

// What a whole response says; sealed reasoning is put behind the thinking, one line each.
inline Said read_response(const json::value& response) {
  Said said;
  const auto check = [&](bool holds, const char* otherwise) {
    if (!holds) said.wrong.emplace_back(otherwise);
  };
  for (const char* name :
       {"id", "object", "created_at", "status", "error", "incomplete_details", "model", "output",
        "parallel_tool_calls", "tool_choice", "tools", "usage", "metadata", "instructions", "text"}) {
    check(response.as_object().contains(name), name);
  }
  check(string_member(response, "object") == "response", "object");
  said.id = string_member(response, "id");
  said.model = string_member(response, "model");
  said.finish_reason = string_member(response, "status");
  said.usage = response.at("usage");
  const json::value& details = response.at("incomplete_details");
  check((said.finish_reason == "incomplete") == details.is_object(), "incomplete_details");
  if (details.is_object()) said.finish_reason = string_member(details, "reason");
  for (const json::value& item : response.at("output").as_array()) {
    const std::string_view type = string_member(item, "type");
    if (type != "reasoning" || item.as_object().contains("status")) {
      check(string_member(item, "status") == "completed" || string_member(item, "status") == "incomplete",
            "status of an item");
    }
    check(!string_member(item, "id").empty(), "id of an item");
    if (type == "message") {
      check(string_member(item, "role") == "assistant" && item.at("content").as_array().size() == 1,
            "message");
      const json::value& part = item.at("content").at(0);
      check(only_members(part, {"type", "text", "annotations", "logprobs", "refusal"}), "part");
      said.text += string_member(part, "text");
      said.refusal += string_member(part, "refusal");
    } else if (type == "function_call") {
      check(only_members(item, {"id", "type", "status", "arguments", "call_id", "name"}), "function_call");
      said.calls.push_back({std::string(string_member(item, "call_id")),
                            std::string(string_member(item, "name")),
                            std::string(string_member(item, "arguments"))});
    } else if (type == "reasoning") {
      check(only_members(item, {"id", "type", "status", "summary", "encrypted_content"}), "reasoning");
      check(item.at("summary").as_array().size() <= 1, "summary");
      for (const json::value& part : item.at("summary").as_array())
        said.thinking += string_member(part, "text");
    } else {
      check(false, "type of an item");
    }
  }
  return said;
}

class ResponsesStreamChecker {
 public:
  Said read(std::string_view stream) {
    for (const auto& [name, data] : sse_events(stream, said_)) {
      boost::system::error_code ec;
      event_ = json::parse(data, ec, {}, {.max_depth = 256});
      check(!ec && event_.is_object(), "an event is no JSON object");
      if (ec || !event_.is_object()) continue;
      type_ = string_member(event_, "type");
      check(name == type_, "an event's name is not its type");
      check(event_.at("sequence_number") == json::value(sequence_++), "sequence_number");
      check(!ended_, "something after the end");
      check(sequence_ != 1 || type_ == "response.created", "the first event");
      if (type_ == "error") {
        check(!string_member(event_, "message").empty() && !string_member(event_, "code").empty(),
              "an empty error");
        said_.error = event_;
      } else {
        take();
      }
    }
    check(ended_, "the stream does not end");
    return std::move(said_);
  }

 private:
  bool is(std::string_view type) const { return type_ == type; }
  void check(bool holds, std::string otherwise) {
    if (!holds) said_.wrong.push_back(std::move(otherwise) + " at " + json::serialize(event_));
  }

  void take() {
    if (is("response.created") || is("response.in_progress")) {
      check(sequence_ == (is("response.created") ? 1 : 2), "the order of the first events");
      check(string_member(event_.at("response"), "status") == "in_progress", "status");
      check(event_.at("response").at("output").as_array().empty(), "output before the beginning");
    } else if (is("response.completed") || is("response.incomplete") || is("response.failed")) {
      take_end();
    } else if (is("response.output_item.added")) {
      check(item_.is_null(), "an item in an item");
      item_ = event_.at("item");
      part_ = json::value();
      text_.clear();
      check_place(false);
    } else if (is("response.output_item.done")) {
      check_place(false);
      take_done();
    } else {
      check_place(true);
      take_part();
    }
  }

  void check_place(bool names_item) {
    check(!item_.is_null(), "outside of an item");
    check(event_.at("output_index") == json::value(static_cast<std::int64_t>(items_.size())), "output_index");
    if (names_item) check(event_.at("item_id") == item_.at("id"), "item_id");
    for (const char* index : {"content_index", "summary_index"}) {
      if (const json::value* value = find_member(event_, index)) check(*value == json::value(0), index);
    }
  }

  void take_part() {
    const std::string_view kind = string_member(item_, "type");
    if (is("response.content_part.added") || is("response.reasoning_summary_part.added")) {
      check(part_.is_null(), "two parts");
      part_ = event_.at("part");
    } else if (type_.ends_with(".delta")) {
      check(kind == "function_call" || part_.is_object(), "a delta without a part");
      const std::string_view delta = string_member(event_, "delta");
      check(!delta.empty(), "an empty delta");
      text_ += delta;
      ++said_.deltas;
    } else if (is("response.output_text.done") || is("response.reasoning_summary_text.done")) {
      check(string_member(event_, "text") == text_, "text is not that of the deltas");
    } else if (is("response.function_call_arguments.done")) {
      check(kind == "function_call" && string_member(event_, "arguments") == text_, "arguments");
    } else if (is("response.refusal.done")) {
      check(string_member(event_, "refusal") == text_, "refusal");
    } else if (is("response.content_part.done") || is("response.reasoning_summary_part.done")) {
      const json::value& part = event_.at("part");
      check(string_member(part, "type") == string_member(part_, "type"), "type of the part");
      check(std::string(string_member(part, "text")) + std::string(string_member(part, "refusal")) == text_,
            "the part's text");
    } else {
      check(false, "an unknown event");
    }
  }

  void take_done() {
    const json::value& item = event_.at("item");
    for (const char* same : {"id", "type", "call_id", "name"}) {
      const json::value* before = find_member(item_, same);
      const json::value* after = find_member(item, same);
      check((before == nullptr) == (after == nullptr) && (before == nullptr || *before == *after), same);
    }
    items_.push_back(item);
    item_ = json::value();
  }

  void take_end() {
    const json::value& response = event_.at("response");
    ended_ = true;
    check(is("response.failed") || item_.is_null(), "the end inside of an item");
    check("response." + std::string(string_member(response, "status")) == type_, "status");
    check(is("response.failed") == !said_.error.is_null() &&
              is("response.failed") == response.at("error").is_object(),
          "a failure without an error, or the reverse");
    check(response.at("output") == json::value(items_), "the output is not that of the items");
    Said whole = read_response(response);
    whole.error = said_.error;
    whole.deltas = said_.deltas;
    for (std::string& wrong : said_.wrong) whole.wrong.push_back(std::move(wrong));
    said_ = std::move(whole);
  }

  json::value event_;
  std::string type_;
  std::int64_t sequence_ = 0;
  bool ended_ = false;
  json::value item_;
  json::value part_;
  std::string text_;
  json::array items_;
  Said said_;
};

}  // namespace weir::testing

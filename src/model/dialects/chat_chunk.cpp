#include "model/dialects/chat_chunk.h"

namespace weir::model {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Of a text in which simdjson has already proven UTF-8 and the absence of control characters. A lone half
// of a surrogate pair passes: the other half may come in the next chunk.
bool has_valid_escapes(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    if (at + 1 == text.size()) return false;
    if (text[at + 1] != 'u') {
      if (std::string_view("\"\\/bfnrt").find(text[at + 1]) == std::string_view::npos) return false;
      at += 2;
      continue;
    }
    const std::string_view digits = text.substr(at + 2, 4);
    if (digits.size() != 4 || !std::ranges::all_of(digits, is_hex)) return false;
    at += 6;
  }
  return true;
}

void view_string(ondemand::value value, std::string_view& target) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) target = text;
}

}  // namespace

bool ChatChunkReader::read(std::string& data) {
  std::vector<ToolCallDelta> kept = std::move(chunk_.tool_calls);
  kept.clear();
  chunk_ = ChatChunk();
  chunk_.tool_calls = std::move(kept);
  broken_ = false;
  const bool whole = for_each_field(parser_, data, [this](std::string_view name, ondemand::value value) {
    if (name == "choices") {
      auto choices = value.get_array();
      if (choices.error() != simdjson::SUCCESS) return;
      broken_ |= !for_each_element(choices, [this](ondemand::value choice) { read_choice(choice); });
    } else if (name == "id") {
      view_string(value, chunk_.id);
    } else if (name == "model") {
      view_string(value, chunk_.model);
    } else if (name == "service_tier") {
      view_string(value, chunk_.service_tier);
    } else if (name == "usage") {
      chunk_.has_usage = for_each_field(
          value.get_object(),
          [this](std::string_view count, ondemand::value member) { chunk_.usage.take(count, member); });
    } else if (name == "error") {
      read_error(value);
    }
  });
  return whole && !broken_;
}

void ChatChunkReader::read_choice(ondemand::value value) {
  ChatChunk other;  // a choice after the first is read into nothing
  std::int64_t index = chunk_.has_choice ? 1 : 0;
  const bool whole = for_each_field(value.get_object(), [&](std::string_view name, ondemand::value member) {
    if (name == "index") {
      read_count(member, index);
    } else if (name == "finish_reason") {
      view_string(member, index == 0 ? chunk_.finish_reason : other.finish_reason);
    } else if ((name == "delta" || name == "message") && index == 0) {
      auto delta = member.get_object();
      if (delta.error() != simdjson::SUCCESS) return;
      broken_ |= !for_each_field(
          delta, [this](std::string_view part, ondemand::value text) { read_delta(part, text); });
    }
  });
  broken_ |= !whole;
  chunk_.has_choice |= index == 0;
}

void ChatChunkReader::read_delta(std::string_view name, ondemand::value value) {
  if (name == "content") {
    read_escaped(value, chunk_.text);
  } else if (name == "tool_calls") {
    auto calls = value.get_array();
    if (calls.error() != simdjson::SUCCESS) return;
    broken_ |= !for_each_element(calls, [this](ondemand::value call) { read_tool_call(call); });
  } else if (name == "refusal") {
    read_escaped(value, chunk_.refusal);
  } else if (name == "reasoning_content" || name == "reasoning") {
    read_escaped(value, chunk_.reasoning);
  }
}

void ChatChunkReader::read_tool_call(ondemand::value value) {
  ToolCallDelta call;
  broken_ |= !for_each_field(value.get_object(), [&](std::string_view name, ondemand::value member) {
    if (name == "index") {
      read_count(member, call.index);
    } else if (name == "id") {
      view_string(member, call.id);
    } else if (name == "function") {
      auto function = member.get_object();
      if (function.error() != simdjson::SUCCESS) return;
      broken_ |= !for_each_field(function, [&](std::string_view part, ondemand::value text) {
        if (part == "name") view_string(text, call.name);
        if (part == "arguments") read_escaped(text, call.arguments);
      });
    }
  });
  chunk_.tool_calls.push_back(call);
}

void ChatChunkReader::read_error(ondemand::value value) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS || type == ondemand::json_type::null) return;
  chunk_.has_error = true;
  if (type == ondemand::json_type::string) return view_string(value, chunk_.error_message);
  for_each_field(value.get_object(), [this](std::string_view name, ondemand::value member) {
    if (name == "type") view_string(member, chunk_.error_type);
    if (name == "code") view_string(member, chunk_.error_code);
    if (name == "message") view_string(member, chunk_.error_message);
  });
}

void ChatChunkReader::read_escaped(ondemand::value value, std::string_view& target) {
  const std::string_view token = value.raw_json_token();
  if (token.starts_with("null")) return;
  const std::size_t end = token.rfind('"');  // white space may follow
  const bool is_string = token.starts_with('"') && end > 0;
  if (is_string && has_valid_escapes(token.substr(1, end - 1))) {
    target = token.substr(1, end - 1);
  } else {
    broken_ = true;  // also content in parts, of which nothing may be lost in silence
  }
}

}  // namespace weir::model

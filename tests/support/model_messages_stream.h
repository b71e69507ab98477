// tests/support/model_messages_stream.h: a strict reading of a Messages stream, as Anthropic's API sends it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace weir::model {

struct StreamedBlock {
  std::string type;
  std::string text;  // of a text block; of a tool_use block its input as it came
  std::string id, name;
  int deltas = 0;
};

struct StreamedMessage {
  std::string problem;  // the first rule that the stream breaks; empty: none
  std::string id, model, stop_reason;
  std::vector<StreamedBlock> blocks;
  json::value usage;  // of message_delta
  std::string error_type, error_message;
  int pings = 0;
  bool begun = false;
  bool stopped = false;  // message_stop has come
};

// Events in order: message_start, blocks one after the other, message_delta, message_stop; or an error that
// ends it. `ping` may stand anywhere.
class MessagesStreamReader {
 public:
  StreamedMessage read(std::string_view sse) {
    while (!sse.empty() && message_.problem.empty()) {
      const std::size_t end = sse.find("\n\n");
      if (end == std::string_view::npos) return broken("an event is not ended");
      take_event(sse.substr(0, end));
      sse.remove_prefix(end + 2);
    }
    if (message_.problem.empty() && !message_.stopped && message_.error_type.empty())
      broken("the stream has no end");
    return message_;
  }

 private:
  StreamedMessage broken(std::string problem) {
    if (message_.problem.empty()) message_.problem = std::move(problem);
    return message_;
  }

  void take_event(std::string_view event) {
    const std::size_t line = event.find('\n');
    if (!event.starts_with("event: ") || line == std::string_view::npos ||
        event.substr(line + 1, 6) != "data: " || event.find('\n', line + 1) != std::string_view::npos) {
      broken("not one event line and one data line: " + std::string(event));
      return;
    }
    const std::string_view name = event.substr(7, line - 7);
    const auto data = parse_json(event.substr(line + 7));
    if (!data || string_member(*data, "type") != name) {
      broken("data does not fit its event: " + std::string(event));
      return;
    }
    if (message_.stopped || !message_.error_type.empty()) {
      broken("an event after the end: " + std::string(event));
    } else if (name == "ping") {
      ++message_.pings;
    } else if (name == "error") {
      message_.error_type = string_member(data->at("error"), "type");
      message_.error_message = string_member(data->at("error"), "message");
      if (message_.error_type.empty() || message_.error_message.empty())
        broken("an error without type or message");
    } else {
      take_part(name, *data);
    }
  }

  void take_part(std::string_view name, const json::value& data) {
    if (name == "message_start") {
      const json::value& start = data.at("message");
      if (message_.begun) broken("a second message_start");
      message_.begun = true;
      message_.id = string_member(start, "id");
      message_.model = string_member(start, "model");
      if (string_member(start, "type") != "message" || string_member(start, "role") != "assistant")
        broken("no message");
      if (!start.at("content").get_array().empty() || !start.at("stop_reason").is_null())
        broken("a start with contents");
      if (!start.at("usage").at("input_tokens").is_int64()) broken("a start without usage");
    } else if (!message_.begun || delta_seen_) {
      if (name != "message_stop" || !delta_seen_)
        broken(std::string(name) + " before message_start or after message_delta");
      message_.stopped = true;
    } else if (name == "message_delta") {
      if (open_) broken("message_delta while a block is open");
      delta_seen_ = true;
      message_.stop_reason = string_member(data.at("delta"), "stop_reason");
      if (message_.stop_reason.empty()) broken("no stop_reason");
      message_.usage = data.at("usage");
    } else {
      take_block_event(name, data);
    }
  }

  void take_block_event(std::string_view name, const json::value& data) {
    const std::int64_t index = data.at("index").as_int64();
    const auto last = static_cast<std::int64_t>(message_.blocks.size()) - 1;
    if (name == "content_block_start") {
      if (open_ || index != last + 1) broken("a block out of order");
      open_ = true;
      const json::value& block = data.at("content_block");
      message_.blocks.push_back({.type = std::string(string_member(block, "type")),
                                 .id = std::string(string_member(block, "id")),
                                 .name = std::string(string_member(block, "name"))});
      const StreamedBlock& begun = message_.blocks.back();
      if (begun.type == "tool_use") {
        if (begun.id.empty() || begun.name.empty() || !block.at("input").get_object().empty())
          broken("a tool_use that lacks something");
      } else if (begun.type != "text" || block.at("text") != "") {
        broken("a block of another kind");
      }
      return;
    }
    if (!open_ || index != last) {
      broken(std::string(name) + " without an open block");
      return;
    }
    StreamedBlock& block = message_.blocks.back();
    if (name == "content_block_stop") {
      open_ = false;
      if (block.type == "text" && block.text.empty()) broken("an empty text block");
      return;
    }
    if (name != "content_block_delta") {
      broken("an unknown event " + std::string(name));
      return;
    }
    const bool text = block.type == "text";
    if (string_member(data.at("delta"), "type") != (text ? "text_delta" : "input_json_delta"))
      broken("a delta of another kind");
    block.text += string_member(data.at("delta"), text ? "text" : "partial_json");
    ++block.deltas;
  }

  StreamedMessage message_;
  bool open_ = false;
  bool delta_seen_ = false;
};

}  // namespace weir::model

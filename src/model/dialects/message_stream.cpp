#include "model/dialects/message_stream.h"

#include "base/error.h"
#include "base/json.h"

namespace weir::model {
namespace {

void append_count(std::string& out, std::string_view name, std::int64_t count) {
  out += name;
  out += std::to_string(count);
}

}  // namespace

void append_messages_usage(std::string& out, const data::Usage& usage, std::int64_t thinking_tokens) {
  append_count(out, "{\"input_tokens\":", usage.input_tokens);
  append_count(
      out, ",\"cache_creation_input_tokens\":", usage.cache_write_5m_tokens + usage.cache_write_1h_tokens);
  append_count(out, ",\"cache_read_input_tokens\":", usage.cache_read_tokens);
  append_count(out, ",\"output_tokens\":", usage.output_tokens);
  if (thinking_tokens > 0) {
    append_count(out, ",\"output_tokens_details\":{\"thinking_tokens\":", thinking_tokens);
    out += '}';
  }
  out += '}';
}

std::string messages_error(std::string_view type, std::string_view message) {
  std::string out = "{\"type\":\"error\",\"error\":{\"type\":";
  append_json_string(out, type);
  out += ",\"message\":";
  append_json_string(out, message);
  out += "}}";
  return out;
}

void MessageStream::begin(std::string& out, std::string_view id, std::string_view model,
                          const data::Usage& usage) {
  WEIR_ASSERT(!begun_);
  begun_ = true;
  out += "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":";
  append_json_string(out, id);
  out += ",\"type\":\"message\",\"role\":\"assistant\",\"model\":";
  append_json_string(out, model);
  out += ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":";
  append_messages_usage(out, usage, 0);
  out += "}}\n\n";
}

void MessageStream::open(Block block) {
  WEIR_ASSERT(begun_ && block_ == Block::none);
  block_ = block;
  ++blocks_;
}

void MessageStream::text(std::string& out, std::string_view escaped) {
  if (block_ == Block::none) {
    open(Block::text);
    append_count(
        out, "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", blocks_ - 1);
    out += ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
  }
  WEIR_ASSERT(block_ == Block::text);
  append_count(out,
               "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", blocks_ - 1);
  out += ",\"delta\":{\"type\":\"text_delta\",\"text\":\"";
  out += escaped;
  out += "\"}}\n\n";
}

void MessageStream::begin_tool(std::string& out, std::string_view id, std::string_view name) {
  open(Block::tool_use);
  append_count(out,
               "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", blocks_ - 1);
  out += ",\"content_block\":{\"type\":\"tool_use\",\"id\":";
  append_json_string(out, id);
  out += ",\"name\":";
  append_json_string(out, name);
  out += ",\"input\":{}}}\n\n";
}

void MessageStream::tool_input(std::string& out, std::string_view escaped) {
  WEIR_ASSERT(block_ == Block::tool_use);
  append_count(out,
               "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", blocks_ - 1);
  out += ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"";
  out += escaped;
  out += "\"}}\n\n";
}

void MessageStream::end_block(std::string& out) {
  if (block_ == Block::none) return;
  block_ = Block::none;
  append_count(out,
               "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":", blocks_ - 1);
  out += "}\n\n";
}

void MessageStream::end(std::string& out, std::string_view stop_reason, const data::Usage& usage,
                        std::int64_t thinking_tokens) {
  end_block(out);
  out += "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"";
  out += stop_reason;
  out += "\",\"stop_sequence\":null},\"usage\":";
  append_messages_usage(out, usage, thinking_tokens);
  out += "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

void MessageStream::ping(std::string& out) {
  out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
}

void MessageStream::error(std::string& out, std::string_view type, std::string_view message) {
  out += "event: error\ndata: ";
  out += messages_error(type, message);
  out += "\n\n";
}

}  // namespace weir::model

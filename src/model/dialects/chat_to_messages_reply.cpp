#include "model/dialects/chat_to_messages_reply.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/dialects/chat_chunk.h"
#include "model/dialects/message_stream.h"
#include "model/dialects/tool_call_blocks.h"
#include "net/sse/sse.h"

namespace weir::model {
namespace {

constexpr std::size_t kEventSizeMax = 16 * 1024 * 1024;
constexpr std::size_t kErrorTextMax = 2'000;  // bytes of an error body that is not JSON

// `calls`: the answer holds tool calls. Some providers finish those with "stop".
std::string_view stop_reason_of(std::string_view finish_reason, bool calls, bool refused) {
  if (refused || finish_reason == "content_filter") return "refusal";
  if (finish_reason == "length") return "max_tokens";
  return calls ? "tool_use" : "end_turn";
}

// Of an error inside a stream, which has no status.
std::string_view error_type_of(const ChatChunk& chunk) {
  for (const std::string_view name : {chunk.error_code, chunk.error_type}) {
    if (name.starts_with("rate_limit")) return "rate_limit_error";
    if (name == "insufficient_quota") return "billing_error";
    if (name.contains("overloaded")) return "overloaded_error";
    if (name.contains("timeout")) return "timeout_error";
    if (name == "invalid_api_key" || name == "authentication_error") return "authentication_error";
  }
  return chunk.error_type == "invalid_request_error" ? "invalid_request_error" : "api_error";
}

// The inside of a JSON string, unescaped.
Result<std::string> unescaped(std::string_view escaped) {
  std::string quoted = "\"";
  quoted += escaped;
  quoted += '"';
  auto value = parse_json(quoted);
  if (!value) return fail(value);
  return std::string(value->as_string());
}

// The arguments of a call as the JSON object that `input` is.
Result<std::string> input_of(const ToolCallDelta& call) {
  auto text = unescaped(call.arguments);
  if (!text) return fail(text);
  if (trim(*text).empty()) return "{}";
  auto value = parse_json(*text);
  if (!value || !value->is_object()) {
    return fail(Code::upstream_failed,
                "the provider's arguments for the tool " + std::string(call.name) + " are no JSON object");
  }
  return *std::move(text);
}

// The message in an error body of whichever shape: {"error":{"message"}}, {"error":"…"}, {"message"}, a list
// of these, or no JSON at all.
std::string error_message(int status, std::string_view body) {
  if (auto parsed = parse_json(body)) {
    const json::value* value = &*parsed;
    if (value->is_array() && !value->get_array().empty()) value = &value->get_array().front();
    if (const json::value* error = find_member(*value, "error"); error != nullptr && !error->is_null())
      value = error;
    if (value->is_string()) return std::string(value->get_string());
    for (const std::string_view name : {"message", "detail"}) {
      const std::string_view text = string_member(*value, name);
      if (!text.empty()) return std::string(text);
    }
  }
  std::string_view text = trim(body).substr(0, kErrorTextMax);
  while (!text.empty() && !is_valid_utf8(text) && text.size() + 4 > kErrorTextMax) text.remove_suffix(1);
  if (text.empty() || !is_valid_utf8(text))
    return "the provider answered with status " + std::to_string(status);
  return std::string(text);
}

class ChatToMessagesReply final : public ReplyTranslator {
 public:
  explicit ChatToMessagesReply(ReplyOptions options) : options_(std::move(options)) {}

  Result<std::string> whole(std::string_view body) override;
  Result<> feed(std::string_view bytes, std::string& out) override;
  void finish(std::string& out) override;
  std::string error(int status, std::string_view body) override {
    return messages_error(messages_error_type(status), error_message(status, body));
  }

 private:
  enum class State : std::uint8_t { reading, failed, ended };

  void take_event(const net::SseEvent& event, std::string& out);
  void take_chunk(const ChatChunk& chunk, std::string& out);
  void take_text(std::string_view escaped, std::string& out);
  void begin(const ChatChunk& chunk, std::string& out);
  void end(std::string& out);
  void fail_with(std::string message);
  std::string_view id_of(const ChatChunk& chunk) const { return chunk.id.empty() ? options_.id : chunk.id; }
  std::string_view model_of(const ChatChunk& chunk) const {
    return options_.model.empty() ? chunk.model : options_.model;
  }

  const ReplyOptions options_;
  net::SseParser events_{kEventSizeMax};
  ChatChunkReader reader_;
  std::string data_;  // of one event, with the room that the reader wants
  MessageStream stream_;
  ToolCallBlocks calls_{stream_};
  std::string message_id_;
  std::string late_text_;      // escaped; came while a tool call was open
  std::string finish_reason_;  // empty: not yet told
  OpenAiUsage usage_;
  bool refused_ = false;
  bool reasoned_ = false;  // since the last feed
  State state_ = State::reading;
  std::string failure_;
};

Result<std::string> ChatToMessagesReply::whole(std::string_view body) {
  data_ = body;
  const bool read = reader_.read(data_);
  const ChatChunk& chunk = reader_.chunk();
  if (chunk.has_error) return fail(Code::upstream_failed, std::string(chunk.error_message));
  if (!read || !chunk.has_choice)
    return fail(Code::upstream_failed, "the provider's answer is no chat completion");

  std::string content;
  const auto open = [&content](std::string_view type) {
    content += content.empty() ? "{\"type\":\"" : ",{\"type\":\"";
    content += type;
  };
  for (const std::string_view text : {chunk.text, chunk.refusal}) {
    if (text.empty()) continue;
    open("text\",\"text\":\"");
    content += text;
    content += "\"}";
  }
  bool calls = false;
  for (std::size_t i = 0; i < chunk.tool_calls.size(); ++i) {
    const ToolCallDelta& call = chunk.tool_calls[i];
    auto input = input_of(call);
    if (!input && chunk.finish_reason == "length") continue;  // cut off: stop_reason tells
    if (!input) return fail(Code::upstream_failed, std::move(input.error().message));
    if (call.name.empty()) return fail(Code::upstream_failed, "the provider sent a tool call without a name");
    open("tool_use\",\"id\":");
    append_json_string(content, call.id.empty() ? std::string(id_of(chunk)) + "_" + std::to_string(i)
                                                : std::string(call.id));
    content += ",\"name\":";
    append_json_string(content, call.name);
    content += ",\"input\":";
    content += *input;
    content += '}';
    calls = true;
  }

  std::string out = "{\"id\":";
  append_json_string(out, id_of(chunk));
  out += ",\"type\":\"message\",\"role\":\"assistant\",\"model\":";
  append_json_string(out, model_of(chunk));
  out += ",\"content\":[";
  out += content;
  out += "],\"stop_reason\":\"";
  out += stop_reason_of(chunk.finish_reason, calls, !chunk.refusal.empty());
  out += "\",\"stop_sequence\":null,\"usage\":";
  append_messages_usage(out, chunk.usage.disjoint(), chunk.usage.reasoning_tokens);
  out += '}';
  return out;
}

Result<> ChatToMessagesReply::feed(std::string_view bytes, std::string& out) {
  const std::size_t size_before = out.size();
  reasoned_ = false;
  auto parsed = events_.feed(bytes, [&](const net::SseEvent& event) { take_event(event, out); });
  if (!parsed && state_ == State::reading) fail_with("the provider sent " + parsed.error().message);
  if (state_ == State::failed) return fail(Code::upstream_failed, failure_);
  if (reasoned_ && state_ == State::reading && out.size() == size_before) MessageStream::ping(out);
  return {};
}

void ChatToMessagesReply::take_event(const net::SseEvent& event, std::string& out) {
  if (state_ != State::reading) return;
  if (event.data == "[DONE]") {
    if (!stream_.begun()) return fail_with("the provider's stream ended without an answer");
    return end(out);
  }
  data_ = event.data;
  const bool read = reader_.read(data_);
  const ChatChunk& chunk = reader_.chunk();
  if (chunk.has_error || event.event == "error") {
    const std::string_view message =
        chunk.error_message.empty() ? event.data.substr(0, kErrorTextMax) : chunk.error_message;
    MessageStream::error(out, error_type_of(chunk), message);
    state_ = State::ended;
  } else if (!read) {
    fail_with("the provider sent a chunk that is not valid JSON");
  } else {
    take_chunk(chunk, out);
  }
}

void ChatToMessagesReply::take_chunk(const ChatChunk& chunk, std::string& out) {
  if (chunk.has_usage) usage_ = chunk.usage;
  if (!chunk.has_choice) return;
  if (!stream_.begun()) begin(chunk, out);
  if (!chunk.reasoning.empty()) reasoned_ = true;
  if (!chunk.text.empty()) take_text(chunk.text, out);
  if (!chunk.refusal.empty()) {
    refused_ = true;
    take_text(chunk.refusal, out);
  }
  for (const ToolCallDelta& call : chunk.tool_calls) {
    const std::string_view problem = calls_.take(out, call, message_id_);
    if (!problem.empty()) return fail_with(std::string(problem));
  }
  if (!chunk.finish_reason.empty()) finish_reason_ = chunk.finish_reason;
}

void ChatToMessagesReply::begin(const ChatChunk& chunk, std::string& out) {
  message_id_ = id_of(chunk);
  stream_.begin(out, message_id_, model_of(chunk), usage_.disjoint());
}

void ChatToMessagesReply::take_text(std::string_view escaped, std::string& out) {
  if (calls_.busy() || !late_text_.empty()) {
    late_text_ += escaped;
    return;
  }
  if (stream_.open_block() == MessageStream::Block::tool_use) stream_.end_block(out);
  stream_.text(out, escaped);
}

void ChatToMessagesReply::end(std::string& out) {
  const std::string_view problem = calls_.finish(out);
  if (!problem.empty()) return fail_with(std::string(problem));
  if (!late_text_.empty()) {
    stream_.end_block(out);
    stream_.text(out, late_text_);
  }
  stream_.end(out, stop_reason_of(finish_reason_, !calls_.empty(), refused_), usage_.disjoint(),
              usage_.reasoning_tokens);
  state_ = State::ended;
}

void ChatToMessagesReply::fail_with(std::string message) {
  state_ = State::failed;
  failure_ = std::move(message);
}

void ChatToMessagesReply::finish(std::string& out) {
  if (state_ == State::ended) return;
  if (state_ == State::reading && !finish_reason_.empty()) end(out);  // some providers leave [DONE] out
  if (state_ == State::ended) return;
  if (failure_.empty()) failure_ = "the provider's stream broke off";
  MessageStream::error(out, "api_error", failure_);
  state_ = State::ended;
}

}  // namespace

std::unique_ptr<ReplyTranslator> chat_to_messages_reply(ReplyOptions options) {
  return std::make_unique<ChatToMessagesReply>(options);
}

std::string_view messages_error_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 409: return "conflict_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 408:
    case 504: return "timeout_error";
    case 503:
    case 529: return "overloaded_error";
    default: return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
  }
}

}  // namespace weir::model

#include "model/dialects/messages_to_chat_reply.h"

#include <string>
#include <string_view>
#include <utility>

#include "model/dialects/inbound_events.h"
#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_reply.h"

namespace weir::model {
namespace {

using namespace inbound;
using Kind = MessagesEvent::Kind;

std::string_view finish_reason(std::string_view stop_reason, bool has_tool_calls) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return stop_reason.empty() && has_tool_calls ? "tool_calls" : "stop";
}

void append_usage(std::string& out, const MessageUsage& usage) {
  out += R"({"prompt_tokens":)";
  append_number(out, usage.prompt_tokens());
  out += R"(,"completion_tokens":)";
  append_number(out, usage.output_tokens);
  out += R"(,"total_tokens":)";
  append_number(out, usage.total_tokens());
  out += R"(,"prompt_tokens_details":{"cached_tokens":)";
  append_number(out, usage.cache_read_tokens);
  out += R"(,"cache_write_tokens":)";
  append_number(out, usage.cache_write_tokens);
  out += R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":)";
  append_number(out, usage.thinking_tokens);
  out += R"(,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
}

// {"id":…,"object":…,"created":…,"model":… without the closing brace.
void append_head(std::string& out, std::string_view object, const MessageFacts& message,
                 const ReplyOptions& options) {
  out += R"({"id":)";
  append_quoted(out, "chatcmpl-" + (message.id.empty() ? options.id : message.id));
  out += R"(,"object":")";
  out += object;
  out += R"(","created":)";
  append_number(out, options.created_s);
  out += R"(,"model":)";
  append_quoted(out, options.model.empty() ? message.model : options.model);
  const std::string_view tier = openai_service_tier(message.service_tier);
  if (!tier.empty()) {
    out += R"(,"service_tier":")";
    out += tier;
    out += '"';
  }
}

// The parts of a whole message.
struct Parts {
  std::string text;
  std::string reasoning;
  std::string tool_calls;  // JSON, separated by commas
  bool has_text = false;
};

Parts parts_of(const json::array& content) {
  Parts parts;
  for (const json::value& block : content) {
    const std::string_view type = string_member(block, "type");
    if (type == "text") {
      parts.text += string_member(block, "text");
      parts.has_text = true;
    } else if (type == "thinking") {
      parts.reasoning += string_member(block, "thinking");
    } else if (type == "tool_use") {
      const json::value* input = find_member(block, "input");
      parts.tool_calls += parts.tool_calls.empty() ? R"({"id":)" : R"(,{"id":)";
      append_quoted(parts.tool_calls, string_member(block, "id"));
      parts.tool_calls += R"(,"type":"function","function":{"name":)";
      append_quoted(parts.tool_calls, string_member(block, "name"));
      parts.tool_calls += R"(,"arguments":)";
      append_quoted(parts.tool_calls, input == nullptr ? "{}" : json::serialize(*input));
      parts.tool_calls += "}}";
    }
  }
  return parts;
}

class MessagesToChat final : public ReplyTranslator {
 public:
  explicit MessagesToChat(ReplyOptions options) : options_(std::move(options)) {}

  Result<std::string> whole(std::string_view body) override {
    auto message = parse_message(body);
    if (!message) return fail(message);
    const MessageFacts facts = facts_of(*message);
    const Parts parts = parts_of(message->at("content").get_array());
    std::string out;
    out.reserve(parts.text.size() + parts.reasoning.size() + parts.tool_calls.size() + 1024);
    append_head(out, "chat.completion", facts, options_);
    out += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
    if (parts.has_text || parts.tool_calls.empty()) {
      append_quoted(out, parts.text);
    } else {
      out += "null";
    }
    if (!parts.reasoning.empty()) {
      out += R"(,"reasoning_content":)";
      append_quoted(out, parts.reasoning);
    }
    out += R"(,"refusal":)";
    if (facts.stop_reason == "refusal") {
      append_quoted(out, refusal_text(facts));
    } else {
      out += "null";
    }
    out += R"(,"annotations":[])";
    if (!parts.tool_calls.empty()) (out += R"(,"tool_calls":[)").append(parts.tool_calls) += ']';
    out += R"(},"logprobs":null,"finish_reason":")";
    out += finish_reason(facts.stop_reason, !parts.tool_calls.empty());
    out += R"("}],"usage":)";
    append_usage(out, facts.usage);
    out += '}';
    return out;
  }

  Result<> feed(std::string_view bytes, std::string& out) override {
    while (!ended_) {
      auto event = reader_.next(bytes);
      if (!event) return broke(std::move(event.error()));
      if (*event == nullptr) return {};
      auto taken = take(**event, out);
      if (!taken) return broke(std::move(taken.error()));
    }
    return {};
  }

  void finish(std::string& out) override {
    if (!ended_) end_with_error(out, broken_stream(broken_));
  }

  std::string error(int status, std::string_view body) override {
    std::string out;
    append_error(out, openai_error_of(status, body));
    return out;
  }

 private:
  std::unexpected<Error> broke(Error error) {
    broken_ = error.message;
    return fail(std::move(error));
  }

  Result<> take(const MessagesEvent& event, std::string& out) {
    switch (event.kind) {
      case Kind::message_start: start(out); return {};
      case Kind::error:
        end_with_error(out, openai_error(0, reader_.message().error_type, reader_.message().error_message));
        return {};
      case Kind::ping: out += ": ping\n\n"; return {};  // a comment: keeps the connection busy
      case Kind::message_delta:
      case Kind::other: return {};
      default: break;
    }
    if (head_.empty())
      return fail(Code::upstream_failed, "the provider's stream does not begin with message_start");
    switch (event.kind) {
      case Kind::block_start: start_block(event, out); return {};
      case Kind::block_stop: stop_block(out); return {};
      case Kind::message_stop: end(out); return {};
      default: return take_delta(event, out);
    }
  }

  Result<> take_delta(const MessagesEvent& event, std::string& out) {
    if (event.index != block_index_) {
      return fail(Code::upstream_failed, "the provider's stream continues a content block that is not open");
    }
    if (event.text == R"("")") return {};
    if (event.kind == Kind::text) append_delta(out, R"("content":)", event.text);
    if (event.kind == Kind::thinking) append_delta(out, R"("reasoning_content":)", event.text);
    if (event.kind == Kind::arguments && in_tool_) append_arguments(out, event.text);
    return {};
  }

  void start(std::string& out) {
    if (!head_.empty()) return;
    head_ = "data: ";
    append_head(head_, "chat.completion.chunk", reader_.message(), options_);
    tail_ = options_.include_usage ? R"(],"usage":null})" : "]}";
    tail_ += "\n\n";
    open_ = head_ + R"(,"choices":[{"index":0,"delta":{)";
    close_ = R"(},"logprobs":null,"finish_reason":null})" + tail_;
    append_delta(out, R"("role":"assistant","content":"","refusal":null)", {});
  }

  void start_block(const MessagesEvent& event, std::string& out) {
    stop_block(out);
    block_index_ = event.index;
    const bool has_text = !event.text.empty() && event.text != R"("")";
    if (event.block_type == "text" && has_text) append_delta(out, R"("content":)", event.text);
    if (event.block_type == "thinking" && has_text) append_delta(out, R"("reasoning_content":)", event.text);
    in_tool_ = event.block_type == "tool_use";
    if (!in_tool_) return;
    out += open_;
    out += R"("tool_calls":[{"index":)";
    append_number(out, tool_count_++);
    out += R"(,"id":)";
    out += event.id;
    out += R"(,"type":"function","function":{"name":)";
    out += event.name;
    out += R"(,"arguments":""}}])";
    out += close_;
    // Almost always {} here, with the arguments to follow; without any, it is what they are.
    input_ = event.input.empty() ? "{}" : event.input;
  }

  void stop_block(std::string& out) {
    if (in_tool_ && !input_.empty()) append_arguments(out, quoted(std::exchange(input_, {})));
    in_tool_ = false;
    block_index_ = -1;
  }

  void append_delta(std::string& out, std::string_view member, std::string_view value) {
    out += open_;
    out += member;
    out += value;
    out += close_;
  }

  void append_arguments(std::string& out, std::string_view token) {
    input_.clear();
    out += open_;
    out += R"("tool_calls":[{"index":)";
    append_number(out, tool_count_ - 1);
    out += R"(,"function":{"arguments":)";
    out += token;
    out += "}}]";
    out += close_;
  }

  void end(std::string& out) {
    stop_block(out);
    const MessageFacts& message = reader_.message();
    if (message.stop_reason == "refusal") append_delta(out, R"("refusal":)", quoted(refusal_text(message)));
    out += open_;
    out += R"(},"logprobs":null,"finish_reason":")";
    out += finish_reason(message.stop_reason, tool_count_ > 0);
    out += R"("})";
    out += tail_;
    if (options_.include_usage) {
      out += head_;
      out += R"(,"choices":[],"usage":)";
      append_usage(out, message.usage);
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
    ended_ = true;
  }

  void end_with_error(std::string& out, const OpenAiError& error) {
    out += "data: ";
    append_error(out, error);
    out += "\n\n";
    ended_ = true;
  }

  ReplyOptions options_;
  MessagesReader reader_;
  std::string head_;    // of every chunk; empty until the message starts
  std::string tail_;    // of every chunk but the one with the usage
  std::string open_;    // a chunk up to its delta's members
  std::string close_;   // a chunk from there
  std::string input_;   // the open tool's, until its arguments come
  std::string broken_;  // why nothing more can be read
  std::int64_t block_index_ = -1;
  std::int64_t tool_count_ = 0;
  bool in_tool_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ReplyTranslator> messages_to_chat(ReplyOptions options) {
  return std::make_unique<MessagesToChat>(std::move(options));
}

}  // namespace weir::model

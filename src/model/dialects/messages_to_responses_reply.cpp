#include "model/dialects/messages_to_responses_reply.h"

#include <string>
#include <string_view>
#include <utility>

#include "model/dialects/inbound_events.h"
#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_reasoning.h"
#include "model/dialects/inbound_reply.h"
#include "model/dialects/inbound_response_writer.h"

namespace weir::model {
namespace {

using namespace inbound;
using Kind = MessagesEvent::Kind;

// Why an answer is incomplete; empty: it is complete.
std::string_view incomplete_reason(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded")
    return "max_output_tokens";
  return stop_reason == "refusal" ? "content_filter" : "";
}

class MessagesToResponses final : public ReplyTranslator {
 public:
  explicit MessagesToResponses(ReplyOptions options) : options_(std::move(options)) {}

  // The same items as in a stream, whose events go nowhere.
  Result<std::string> whole(std::string_view body) override {
    auto message = parse_message(body);
    if (!message) return fail(message);
    const MessageFacts facts = facts_of(*message);
    ResponseWriter writer(options_);
    std::string events;
    writer.start(events, facts);
    for (const json::value& block : message->at("content").get_array()) add_block(writer, block, events);
    close(writer, facts, events);
    const std::string_view reason = incomplete_reason(facts.stop_reason);
    std::string out;
    writer.append_response(out, reason.empty() ? "completed" : "incomplete", reason, nullptr, facts);
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
  static void add_block(ResponseWriter& writer, const json::value& block, std::string& events) {
    const std::string_view type = string_member(block, "type");
    const auto token = [&](std::string_view name) { return quoted(string_member(block, name)); };
    if (type == "text" && !string_member(block, "text").empty()) {
      writer.add_text(events, token("text"));
    } else if (type == "thinking") {
      writer.start_reasoning(events);
      if (!string_member(block, "thinking").empty()) writer.add_thinking(events, token("thinking"));
      writer.seal_reasoning(kSignatureMark, token("signature"));
    } else if (type == "redacted_thinking") {
      writer.start_reasoning(events);
      writer.seal_reasoning(kRedactedMark, token("data"));
    } else if (type == "tool_use") {
      const json::value* input = find_member(block, "input");
      writer.start_call(events, token("id"), token("name"));
      writer.add_arguments(events, quoted(input == nullptr ? "{}" : json::serialize(*input)));
    }
  }

  static void close(ResponseWriter& writer, const MessageFacts& facts, std::string& events) {
    const std::string_view reason = incomplete_reason(facts.stop_reason);
    writer.close_item(events, reason == "max_output_tokens" ? "incomplete" : "completed");
    if (reason == "content_filter") writer.add_refusal(events, refusal_text(facts));
  }

  std::unexpected<Error> broke(Error error) {
    broken_ = error.message;
    return fail(std::move(error));
  }

  Result<> take(const MessagesEvent& event, std::string& out) {
    switch (event.kind) {
      case Kind::message_start:
        if (!writer_.started()) writer_.start(out, reader_.message());
        return {};
      case Kind::error:
        end_with_error(out, openai_error(0, reader_.message().error_type, reader_.message().error_message));
        return {};
      case Kind::ping: out += ": ping\n\n"; return {};  // a comment: keeps the connection busy
      case Kind::message_delta:
      case Kind::other: return {};
      default: break;
    }
    if (!writer_.started())
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
    if (event.kind == Kind::text) writer_.add_text(out, event.text);
    if (event.kind == Kind::thinking) writer_.add_thinking(out, event.text);
    if (event.kind == Kind::signature) writer_.seal_reasoning(kSignatureMark, event.text);
    if (event.kind == Kind::arguments && in_tool_) {
      input_.clear();
      writer_.add_arguments(out, event.text);
    }
    return {};
  }

  void start_block(const MessagesEvent& event, std::string& out) {
    stop_block(out);
    block_index_ = event.index;
    const bool has_text = !event.text.empty() && event.text != R"("")";
    if (event.block_type == "text" && has_text) writer_.add_text(out, event.text);
    if (event.block_type == "thinking") {
      writer_.start_reasoning(out);
      if (has_text) writer_.add_thinking(out, event.text);
    }
    if (event.block_type == "redacted_thinking") {
      writer_.start_reasoning(out);
      if (has_text) writer_.seal_reasoning(kRedactedMark, event.text);
    }
    in_tool_ = event.block_type == "tool_use";
    if (!in_tool_) return;
    writer_.start_call(out, event.id, event.name);
    // Almost always {} here, with the arguments to follow; without any, it is what they are.
    input_ = event.input.empty() ? "{}" : event.input;
  }

  void stop_block(std::string& out) {
    if (in_tool_ && !input_.empty()) writer_.add_arguments(out, quoted(std::exchange(input_, {})));
    in_tool_ = false;
    block_index_ = -1;
  }

  void end(std::string& out) {
    stop_block(out);
    const MessageFacts& message = reader_.message();
    close(writer_, message, out);
    const std::string_view reason = incomplete_reason(message.stop_reason);
    writer_.end(out, reason.empty() ? "completed" : "incomplete", reason, message);
    ended_ = true;
  }

  void end_with_error(std::string& out, const OpenAiError& error) {
    writer_.fail(out, error, reader_.message());
    ended_ = true;
  }

  ReplyOptions options_;
  MessagesReader reader_;
  ResponseWriter writer_{options_};
  std::string input_;   // the open tool's, until its arguments come
  std::string broken_;  // why nothing more can be read
  std::int64_t block_index_ = -1;
  bool in_tool_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ReplyTranslator> messages_to_responses(ReplyOptions options) {
  return std::make_unique<MessagesToResponses>(std::move(options));
}

}  // namespace weir::model

#include "ops/upstream/chat_api.h"

#include <utility>

namespace weir::ops::upstream {
namespace {

constexpr std::int64_t kCreated = 1'790'000'000;  // the same for every answer: scripts do not vary

std::string_view error_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 429: return "rate_limit_error";
    default: return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

bool wants_usage(const json::value& request) {
  const json::value* const options = find_member(request, "stream_options");
  const json::value* const wanted = options != nullptr ? find_member(*options, "include_usage") : nullptr;
  return wanted != nullptr && wanted->is_bool() && wanted->get_bool();
}

json::object usage_of(const json::object& message) {
  const json::object& usage = message.at("usage").as_object();
  const std::int64_t prompt = usage.at("input_tokens").as_int64();
  const std::int64_t completion = usage.at("output_tokens").as_int64();
  return {{"prompt_tokens", prompt},
          {"completion_tokens", completion},
          {"total_tokens", prompt + completion},
          {"prompt_tokens_details", {{"cached_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}}}};
}

json::object envelope(const json::object& message, std::string_view object) {
  return {{"id", "chatcmpl-" + std::string(message.at("id").as_string())},
          {"object", object},
          {"created", kCreated},
          {"model", message.at("model")}};
}

std::string event_text(const json::object& payload) {
  return "data: " + json::serialize(payload) + "\n\n";
}

// Chunks of one choice, as the real stream has them.
class ChunkWriter {
 public:
  ChunkWriter(json::object head, bool with_usage) : head_(std::move(head)), with_usage_(with_usage) {}

  void choice(json::object delta, json::value finish_reason) {
    json::object chunk = head_;
    chunk["choices"] = json::array{
        json::object{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}}};
    if (with_usage_) chunk["usage"] = nullptr;
    events_.push_back(event_text(chunk));
  }

  std::vector<std::string> finish(json::object usage) {
    if (with_usage_) {
      json::object chunk = head_;
      chunk["choices"] = json::array();
      chunk["usage"] = std::move(usage);
      events_.push_back(event_text(chunk));
    }
    events_.emplace_back("data: [DONE]\n\n");
    return std::move(events_);
  }

 private:
  const json::object head_;
  const bool with_usage_;
  std::vector<std::string> events_;
};

// Words with the space before them, as the script's deltas are.
void add_words(ChunkWriter& chunks, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' ', 1), text.size());
    chunks.choice({{"content", text.substr(0, end)}}, nullptr);
    text.remove_prefix(end);
  }
}

}  // namespace

bool is_chat_path(std::string_view path) {
  return path == "/v1/chat/completions" || path == "/chat/completions";
}

std::string chat_error_body(int status, std::string_view message, std::string_view) {
  return json::serialize(json::object{
      {"error",
       {{"message", message}, {"type", error_type(status)}, {"param", nullptr}, {"code", nullptr}}}});
}

Script chat_script(const json::value& request, Script script) {
  std::string text;
  for (const json::value& block : script.message.at("content").as_array()) {
    if (string_member(block, "type") == "text") text += string_member(block, "text");
  }
  ChunkWriter chunks(envelope(script.message, "chat.completion.chunk"), wants_usage(request));
  chunks.choice({{"role", "assistant"}, {"content", ""}}, nullptr);
  add_words(chunks, text);
  chunks.choice({}, "stop");

  json::object message{{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  json::object whole = envelope(script.message, "chat.completion");
  whole["choices"] =
      json::array{json::object{{"index", 0}, {"message", std::move(message)}, {"finish_reason", "stop"}}};
  whole["usage"] = usage_of(script.message);
  return {std::move(whole), chunks.finish(usage_of(script.message))};
}

}  // namespace weir::ops::upstream

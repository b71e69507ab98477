#include "model/dialects/inbound_reply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "model/dialects/inbound_json.h"

namespace weir::model::inbound {
namespace {

constexpr std::size_t kMessageSizeMax = 4096;  // of an error page that is no JSON
constexpr std::size_t kDepthMax = 512;         // of tool inputs, which the model nests
constexpr std::int64_t kCountMax = 1'000'000'000'000;

struct ErrorName {
  std::string_view anthropic;
  int status;
  std::string_view type;
  std::string_view code;
};

// The types are Anthropic's (errors page); type and code are those that OpenAI's clients branch on.
constexpr std::array kErrors = {
    ErrorName{"invalid_request_error", 400, "invalid_request_error", ""},
    ErrorName{"authentication_error", 401, "invalid_request_error", "invalid_api_key"},
    ErrorName{"billing_error", 402, "insufficient_quota", "insufficient_quota"},
    ErrorName{"permission_error", 403, "invalid_request_error", "permission_denied"},
    ErrorName{"not_found_error", 404, "invalid_request_error", "not_found"},
    ErrorName{"conflict_error", 409, "invalid_request_error", "conflict"},
    ErrorName{"request_too_large", 413, "invalid_request_error", "request_too_large"},
    ErrorName{"rate_limit_error", 429, "rate_limit_error", "rate_limit_exceeded"},
    ErrorName{"overloaded_error", 529, "server_error", "overloaded"},
    ErrorName{"overloaded_error", 503, "server_error", "overloaded"},
    ErrorName{"timeout_error", 504, "server_error", "timeout"},
    ErrorName{"api_error", 500, "server_error", "server_error"},
};

const ErrorName& name_of(int status, std::string_view anthropic_type) {
  const auto by_type = std::ranges::find(kErrors, anthropic_type, &ErrorName::anthropic);
  if (by_type != kErrors.end()) return *by_type;
  const auto by_status = std::ranges::find(kErrors, status, &ErrorName::status);
  if (by_status != kErrors.end()) return *by_status;
  return status >= 400 && status < 500 ? kErrors.front() : kErrors.back();
}

std::int64_t count_member(const json::value& object, std::string_view name) {
  const json::value* value = find_member(object, name);
  if (value == nullptr || !value->is_int64()) return 0;
  return std::clamp<std::int64_t>(value->get_int64(), 0, kCountMax);
}

}  // namespace

OpenAiError openai_error(int status, std::string_view anthropic_type, std::string message) {
  const ErrorName& name = name_of(status, anthropic_type);
  OpenAiError error{std::move(message), name.type, name.code};
  if (error.message.empty()) error.message = "the provider reports an error and does not say which";
  if (error.message.starts_with("prompt is too long")) error.code = "context_length_exceeded";
  if (name.status == 404 && error.message.starts_with("model:")) error.code = "model_not_found";
  return error;
}

OpenAiError openai_error_of(int status, std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed) {
    std::string text(trim(body).substr(0, kMessageSizeMax));
    return openai_error(status, "", is_valid_utf8(text) ? std::move(text) : std::string());
  }
  const json::value* error = find_member(*parsed, "error");
  const json::value& holder = error != nullptr && error->is_object() ? *error : *parsed;
  return openai_error(status, string_member(holder, "type"), std::string(string_member(holder, "message")));
}

void append_error(std::string& out, const OpenAiError& error) {
  out += R"({"error":{"message":)";
  append_quoted(out, error.message);
  out += R"(,"type":)";
  append_quoted(out, error.type);
  out += R"(,"param":null,"code":)";
  if (error.code.empty()) {
    out += "null";
  } else {
    append_quoted(out, error.code);
  }
  out += "}}";
}

OpenAiError broken_stream(std::string_view detail) {
  return {
      detail.empty() ? "the provider's stream broke off before the answer was complete" : std::string(detail),
      "server_error", "stream_broken"};
}

std::string_view openai_service_tier(std::string_view anthropic_tier) {
  return anthropic_tier == "standard" ? "default" : anthropic_tier == "priority" ? "priority" : "";
}

std::string_view refusal_text(const MessageFacts& message) {
  return message.explanation.empty() ? "The model refused to answer." : std::string_view(message.explanation);
}

Result<json::value> parse_message(std::string_view body) {
  auto parsed = parse_json(body, kDepthMax);
  if (!parsed)
    return fail(Code::upstream_failed, "the provider's answer is no JSON: " + parsed.error().message);
  const json::value* content = find_member(*parsed, "content");
  if (string_member(*parsed, "type") != "message" || content == nullptr || !content->is_array()) {
    return fail(Code::upstream_failed, "the provider's answer is no message of the Messages API");
  }
  return parsed;
}

MessageFacts facts_of(const json::value& message) {
  MessageFacts facts;
  facts.id = string_member(message, "id");
  facts.model = string_member(message, "model");
  facts.stop_reason = string_member(message, "stop_reason");
  if (const auto* details = find_member(message, "stop_details"))
    facts.explanation = string_member(*details, "explanation");
  if (const auto* usage = find_member(message, "usage")) {
    facts.service_tier = string_member(*usage, "service_tier");
    facts.usage.input_tokens = count_member(*usage, "input_tokens");
    facts.usage.cache_write_tokens = count_member(*usage, "cache_creation_input_tokens");
    facts.usage.cache_read_tokens = count_member(*usage, "cache_read_input_tokens");
    facts.usage.output_tokens = count_member(*usage, "output_tokens");
    if (const auto* details = find_member(*usage, "output_tokens_details")) {
      facts.usage.thinking_tokens = count_member(*details, "thinking_tokens");
    }
  }
  return facts;
}

}  // namespace weir::model::inbound

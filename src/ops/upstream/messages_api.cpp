#include "ops/upstream/messages_api.h"

#include <algorithm>
#include <array>

namespace weir::ops::upstream {
namespace {

struct StatusError {
  int status;
  std::string_view type;
  std::string_view message;
};
constexpr StatusError kErrors[] = {
    {400, "invalid_request_error", "invalid request"},
    {401, "authentication_error", "invalid x-api-key"},
    {402, "billing_error", "Your credit balance is too low"},
    {403, "permission_error", "Your API key does not have permission to use the specified resource"},
    {404, "not_found_error", "Not found"},
    {409, "conflict_error", "Conflict"},
    {413, "request_too_large", "Request exceeds the maximum size"},
    {429, "rate_limit_error", "This request would exceed your account's rate limit. Please try again later."},
    {504, "timeout_error", "Request timed out"},
    {529, "overloaded_error", "Overloaded"}};

const StatusError& error_of(int status) {
  static constexpr StatusError kServer{500, "api_error", "Internal server error"};
  static constexpr StatusError kClient{400, "invalid_request_error", "invalid request"};
  const auto* const found = std::ranges::find(kErrors, status, &StatusError::status);
  if (found != std::end(kErrors)) return *found;
  return status >= 500 ? kServer : kClient;
}

constexpr std::array<std::string_view, 9> kModels{
    "claude-fable-5-2",  "claude-mythos-5-2",         "claude-opus-5-5",
    "claude-sonnet-5-5", "claude-haiku-5-5",          "claude-opus-4-8",
    "claude-sonnet-4-6", "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929"};
constexpr std::array<std::string_view, 5> kFamilies{"fable", "mythos", "opus", "sonnet", "haiku"};

json::object model_object(std::string_view model) {
  return {{"type", "model"},
          {"id", model},
          {"display_name", model},
          {"created_at", "2026-01-01T00:00:00Z"},
          {"lifecycle", "active"}};
}

}  // namespace

std::string error_body(int status, std::string_view message, std::string_view request_id) {
  return json::serialize(json::object{{"type", "error"},
                                      {"error", {{"type", error_of(status).type}, {"message", message}}},
                                      {"request_id", request_id}});
}

std::string_view usual_error_message(int status) {
  return error_of(status).message;
}

std::optional<Refusal> check_messages_request(const json::value& request, bool needs_max_tokens) {
  if (!request.is_object()) return Refusal{400, "Input should be an object"};
  const std::string_view model = string_member(request, "model");
  if (model.empty()) return Refusal{400, "model: Field required"};
  const json::value* const max_tokens = find_member(request, "max_tokens");
  if (needs_max_tokens && max_tokens == nullptr) return Refusal{400, "max_tokens: Field required"};
  if (needs_max_tokens && (!max_tokens->is_int64() || max_tokens->get_int64() < 1)) {
    return Refusal{400, "max_tokens: Input should be greater than or equal to 1"};
  }
  const json::value* const messages = find_member(request, "messages");
  if (messages == nullptr) return Refusal{400, "messages: Field required"};
  if (!messages->is_array()) return Refusal{400, "messages: Input should be a valid list"};
  if (messages->get_array().empty()) return Refusal{400, "messages: at least one message is required"};
  if (!is_known_model(model)) return Refusal{404, "model: " + std::string(model)};
  return std::nullopt;
}

bool is_known_model(std::string_view model) {
  return model.starts_with("claude-") &&
         std::ranges::any_of(kFamilies, [model](std::string_view family) { return model.contains(family); });
}

std::string models_body() {
  json::array data;
  for (const std::string_view model : kModels) data.push_back(model_object(model));
  return json::serialize(json::object{{"data", std::move(data)},
                                      {"has_more", false},
                                      {"first_id", kModels.front()},
                                      {"last_id", kModels.back()}});
}

std::string model_body(std::string_view model) {
  return json::serialize(model_object(model));
}

}  // namespace weir::ops::upstream

// The simulated clouds that speak the Messages API itself: Mantle and Claude Platform on AWS, and Azure AI
// Foundry.
#include "base/json.h"
#include "base/text.h"
#include "model/providers/aws/sigv4_verify.h"
#include "ops/upstream/cloud.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kBase = "/anthropic";  // of Mantle and Foundry
constexpr std::string_view kMessages = "/v1/messages";
constexpr std::string_view kCount = "/v1/messages/count_tokens";

bool is_signed(const net::Request& request) {
  return model::is_v4_authorization(request.headers.get("authorization"));
}

bool has_base(const net::Request& request) {
  return request.path.starts_with("/anthropic/");
}

// Mantle's ids are "anthropic.claude-…".
Result<CloudQuestion> messages_question(const net::Request& request, std::string_view body) {
  std::string_view path = request.path;
  if (has_base(request)) path.remove_prefix(kBase.size());
  if (request.method != "POST" || (path != kMessages && path != kCount))
    return fail(Code::not_found, "Resource not found");
  if (request.headers.get("anthropic-version").empty())
    return fail(Code::invalid_request, "anthropic-version: header is required");
  auto message = parse_json(body);
  if (!message || !message->is_object()) return CloudQuestion{std::string(path), std::string(body)};
  constexpr std::string_view kVendor = "anthropic.";
  const std::string model(string_member(*message, "model"));
  if (model.starts_with(kVendor)) message->get_object()["model"] = model.substr(kVendor.size());
  return CloudQuestion{std::string(path), json::serialize(*message)};
}

net::Response enveloped_error(int status, std::string_view message) {
  return {.status = status,
          .headers = {{"content-type", "application/json"}},
          .body = error_body(status, message, "")};
}

class MessagesOnAws final : public Cloud {
 public:
  MessagesOnAws(CloudTokens& tokens, const Clock& clock) : tokens_(tokens), clock_(clock) {}

  bool owns(const net::Request& request) const override {
    if (has_base(request)) return is_signed(request);
    return (request.path == kMessages || request.path == kCount) &&
           (is_signed(request) ||
            (request.headers.contains("anthropic-workspace-id") && !request.headers.contains("x-api-key")));
  }
  std::optional<Refusal> check_caller(const net::Request& request, std::string_view body) const override {
    const std::string_view service = has_base(request) ? "bedrock-mantle" : "aws-external-anthropic";
    return check_aws_caller(request, body, service, tokens_, clock_.wall());
  }
  Result<CloudQuestion> question(const net::Request& request, std::string_view body) const override {
    return messages_question(request, body);
  }
  // Who calls is Amazon's to judge, the rest the model's.
  net::Response error(int status, std::string_view message) const override {
    return status == 403 ? aws_error(status, message) : enveloped_error(status, message);
  }

 private:
  CloudTokens& tokens_;
  const Clock& clock_;
};

class Foundry final : public Cloud {
 public:
  explicit Foundry(CloudTokens& tokens) : tokens_(tokens) {}

  bool owns(const net::Request& request) const override { return has_base(request) && !is_signed(request); }
  std::optional<Refusal> check_caller(const net::Request& request, std::string_view) const override {
    const bool has_key = !request.headers.get("api-key").empty() || !request.headers.get("x-api-key").empty();
    if (has_key || tokens_.takes_bearer(bearer_of(request))) return std::nullopt;
    return Refusal{401, "Access denied due to invalid subscription key or wrong API endpoint."};
  }
  Result<CloudQuestion> question(const net::Request& request, std::string_view body) const override {
    return messages_question(request, body);
  }
  // Azure's gateway refuses keys, paths and rates; the model refuses the rest.
  net::Response error(int status, std::string_view message) const override {
    if (status != 401 && status != 404 && status != 429) return enveloped_error(status, message);
    const json::object body{{"error", {{"code", std::to_string(status)}, {"message", message}}}};
    return {
        .status = status, .headers = {{"content-type", "application/json"}}, .body = json::serialize(body)};
  }

 private:
  CloudTokens& tokens_;
};

}  // namespace

std::unique_ptr<Cloud> simulated_messages_on_aws(CloudTokens& tokens, const Clock& clock) {
  return std::make_unique<MessagesOnAws>(tokens, clock);
}

std::unique_ptr<Cloud> simulated_foundry(CloudTokens& tokens) {
  return std::make_unique<Foundry>(tokens);
}

}  // namespace weir::ops::upstream

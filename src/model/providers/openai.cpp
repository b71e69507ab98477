#include "model/providers/openai.h"

#include <algorithm>
#include <array>

#include "model/providers/classify.h"
#include "model/providers/end_to_end.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kVersionPath = "/v1";
constexpr std::array kModels{"gpt-*"sv, "chatgpt-*"sv,        "o1*"sv,    "o3*"sv,
                             "o4*"sv,   "text-embedding-*"sv, "codex-*"sv};

// Types and codes that blame the request or the account (platform.openai.com, Error codes).
constexpr std::array kErrorsOfTheRequest{
    "invalid_request_error"sv,   "authentication_error"sv,     "permission_error"sv,
    "insufficient_quota"sv,      "invalid_api_key"sv,          "model_not_found"sv,
    "context_length_exceeded"sv, "content_policy_violation"sv,
};

Result<std::unique_ptr<Provider>> make(const ProviderConfig& config, const ProviderTools&) {
  auto origin = net::Origin::parse(config.base_url.empty() ? "https://api.openai.com/v1" : config.base_url);
  if (!origin) return fail(origin);
  return std::make_unique<OpenAi>(config.name, *std::move(origin), config.api_key);
}

// A server of one's own needs no key; OpenAI's does.
std::string_view missing(const ProviderConfig& config) {
  return config.api_key.empty() && config.base_url.empty() ? "api_key" : "";
}

}  // namespace

const ProviderKind kOpenAiKind{.kind = "openai", .models = kModels, .missing = missing, .make = make};

OpenAi::OpenAi(std::string name, net::Origin origin, Secret api_key)
    : name_(std::move(name)),
      origin_(std::move(origin)),
      api_key_(std::move(api_key)),
      base_has_version_(origin_.base_path.ends_with(kVersionPath)) {}

bool OpenAi::speaks(Dialect dialect) const {
  return dialect == Dialect::chat_completions || dialect == Dialect::responses ||
         dialect == Dialect::embeddings || dialect == Dialect::opaque;
}

Task<Result<PreparedRequest>> OpenAi::prepare(const OutboundCall& call) {
  PreparedRequest prepared;
  prepared.origin = &origin_;
  net::ClientRequest& request = prepared.request;
  request.method = call.call.method;
  request.target = base_has_version_ && call.target.starts_with("/v1/")
                       ? call.target.substr(kVersionPath.size())
                       : call.target;
  request.body = call.body;
  request.headers = request_fields(call.call.headers, "anthropic-");
  if (!api_key_.empty()) request.headers.add("authorization", "Bearer " + std::string(api_key_.reveal()));
  request.headers.add("accept-encoding", "identity");
  co_return prepared;
}

Verdict OpenAi::classify(int status, const net::Headers& headers) const {
  return classify_as_sdks_do(status, headers);
}

Verdict OpenAi::classify_error(std::string_view error_type) const {
  return std::ranges::find(kErrorsOfTheRequest, error_type) == kErrorsOfTheRequest.end() ? Verdict::retry
                                                                                         : Verdict::final;
}

}  // namespace weir::model

#include "model/providers/anthropic.h"

#include <algorithm>
#include <array>

#include "model/providers/classify.h"
#include "model/providers/end_to_end.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kDefaultVersion = "2023-06-01";  // what the API understands by no version at all

constexpr std::array kErrorsOfTheRequest{
    "authentication_error"sv, "billing_error"sv,    "invalid_request_error"sv,
    "not_found_error"sv,      "permission_error"sv, "request_too_large"sv,
};

constexpr std::array kModels{"claude*"sv, "*anthropic.claude*"sv};

Result<std::unique_ptr<Provider>> make(const ProviderConfig& config, const ProviderTools&) {
  auto origin = net::Origin::parse(config.base_url.empty() ? "https://api.anthropic.com" : config.base_url);
  if (!origin) return fail(origin);
  return std::make_unique<Anthropic>(config.name, *std::move(origin), config.api_key);
}

std::string_view missing(const ProviderConfig& config) {
  return config.api_key.empty() ? "api_key" : "";
}

}  // namespace

const ProviderKind kAnthropicKind{.kind = "anthropic", .models = kModels, .missing = missing, .make = make};

Anthropic::Anthropic(std::string name, net::Origin origin, Secret api_key)
    : name_(std::move(name)), origin_(std::move(origin)), api_key_(std::move(api_key)) {}

Task<Result<PreparedRequest>> Anthropic::prepare(const OutboundCall& call) {
  PreparedRequest prepared;
  prepared.origin = &origin_;
  net::ClientRequest& request = prepared.request;
  request.method = call.call.method;
  request.target = call.target;
  request.body = call.body;
  request.headers = request_fields(call.call.headers, call.call.dialect == call.dialect ? "" : "openai-");
  request.headers.add("x-api-key", api_key_.reveal());
  request.headers.add("accept-encoding", "identity");
  if (!request.headers.contains("anthropic-version"))
    request.headers.add("anthropic-version", kDefaultVersion);
  co_return prepared;
}

Verdict Anthropic::classify(int status, const net::Headers& headers) const {
  return classify_as_sdks_do(status, headers);
}

Verdict Anthropic::classify_error(std::string_view error_type) const {
  return std::ranges::find(kErrorsOfTheRequest, error_type) == kErrorsOfTheRequest.end() ? Verdict::retry
                                                                                         : Verdict::final;
}

}  // namespace weir::model

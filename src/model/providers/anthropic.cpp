#include "model/providers/anthropic.h"

#include <algorithm>
#include <array>

#include "model/providers/end_to_end.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kDefaultVersion = "2023-06-01";  // what the API understands by no version at all

constexpr std::array kErrorsOfTheRequest{
    "authentication_error"sv,  "billing_error"sv,    "invalid_request_error"sv,
    "not_found_error"sv,       "permission_error"sv, "request_too_large"sv,
};

}  // namespace

Anthropic::Anthropic(net::Origin origin, Secret api_key) : origin_(std::move(origin)), api_key_(std::move(api_key)) {}

net::ClientRequest Anthropic::request(const UpstreamCall& call) const {
  net::ClientRequest request;
  request.method = call.method;
  request.target = call.target;
  request.body = call.body;
  request.headers = request_fields(call.headers);
  request.headers.add("x-api-key", api_key_.reveal());
  request.headers.add("accept-encoding", "identity");
  if (!request.headers.contains("anthropic-version")) request.headers.add("anthropic-version", kDefaultVersion);
  return request;
}

Verdict Anthropic::classify(int status, const net::Headers& headers) const {
  if (status < 400) return status >= 200 && status < 300 ? Verdict::ok : Verdict::final;
  const std::string_view advice = headers.get("x-should-retry");
  if (advice == "true") return Verdict::retry;
  if (advice == "false") return Verdict::final;
  return status == 408 || status == 409 || status == 429 || status >= 500 ? Verdict::retry : Verdict::final;
}

Verdict Anthropic::classify_error(std::string_view error_type) const {
  return std::ranges::find(kErrorsOfTheRequest, error_type) == kErrorsOfTheRequest.end() ? Verdict::retry
                                                                                        : Verdict::final;
}

}  // namespace weir::model

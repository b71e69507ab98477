#include "model/providers/cloud_provider.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "model/providers/classify.h"
#include "model/providers/cloud_error.h"
#include "model/providers/end_to_end.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMessages = "/v1/messages";
constexpr std::string_view kCountTokens = "/v1/messages/count_tokens";
constexpr std::string_view kDefaultVersion = "2023-06-01";

constexpr std::array kErrorsOfTheRequest{
    "authentication_error"sv, "billing_error"sv,    "invalid_request_error"sv,
    "not_found_error"sv,      "permission_error"sv, "request_too_large"sv,
};

struct Release {
  std::string_view family;
  std::string_view day;
};
constexpr std::array kReleases{
    Release{"claude-haiku-4-5", "20251001"},  Release{"claude-opus-4", "20250514"},
    Release{"claude-opus-4-0", "20250514"},   Release{"claude-opus-4-1", "20250805"},
    Release{"claude-opus-4-5", "20251101"},   Release{"claude-sonnet-4", "20250514"},
    Release{"claude-sonnet-4-0", "20250514"}, Release{"claude-sonnet-4-5", "20250929"},
};

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

class CloudErrors final : public ReplyTranslator {
 public:
  explicit CloudErrors(std::string_view kind) : kind_(kind) {}
  Result<std::string> whole(std::string_view body) override { return std::string(body); }
  Result<> feed(std::string_view bytes, std::string& out) override {
    out += bytes;
    return {};
  }
  void finish(std::string&) override {}
  std::string error(int status, std::string_view body) override {
    return cloud_error(status, kind_, body).body;
  }

 private:
  const std::string kind_;
};

class UnusableToken final : public TokenSource {
 public:
  explicit UnusableToken(Error why) : why_(std::move(why)) {}
  Task<Result<Token>> get() override { co_return fail(why_); }

 private:
  const Error why_;
};

}  // namespace

CloudProvider::CloudProvider(CloudIdentity identity, std::unique_ptr<TokenSource> tokens)
    : identity_(std::move(identity)), tokens_(std::move(tokens)) {}

bool CloudProvider::has_endpoint(std::string_view target) const {
  const std::string_view path = path_of(target);
  return path == kMessages || path == kCountTokens;
}

std::string CloudProvider::model_id(std::string_view model) const {
  const auto found = identity_.model_ids.find(model);
  return found == identity_.model_ids.end() ? default_model_id(model) : found->second;
}

Verdict CloudProvider::classify(int status, const net::Headers& headers) const {
  return status == 424 ? Verdict::retry : classify_as_sdks_do(status, headers);
}

Verdict CloudProvider::classify_error(std::string_view error_type) const {
  const auto blames = [](std::string_view type) {
    return std::ranges::find(kErrorsOfTheRequest, type) != kErrorsOfTheRequest.end();
  };
  if (blames(error_type) || blames(cloud_error(500, error_type, {}).type)) return Verdict::final;
  return Verdict::retry;
}

PreparedRequest CloudProvider::begin(const OutboundCall& call) const {
  PreparedRequest prepared;
  prepared.origin = &identity_.origin;
  prepared.error_translator = translate_cloud_errors;
  net::ClientRequest& request = prepared.request;
  request.method = call.call.method;
  request.target = call.target;
  request.body = call.body;
  request.headers = request_fields(call.call.headers, call.call.dialect == call.dialect ? "" : "openai-");
  request.headers.set("accept-encoding", "identity");
  if (!request.headers.contains("content-type")) request.headers.set("content-type", "application/json");
  if (!request.headers.contains("anthropic-version"))
    request.headers.set("anthropic-version", kDefaultVersion);
  return prepared;
}

std::map<std::string, std::string, std::less<>> model_ids_of(const ProviderConfig& config) {
  std::map<std::string, std::string, std::less<>> ids;
  for (const std::string& pair : config.model_ids) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view id = std::string_view(pair).substr(std::min(equals + 1, pair.size()));
    ids.emplace(trim(std::string_view(pair).substr(0, equals)), trim(id));
  }
  return ids;
}

Result<net::Origin> origin_of(const ProviderConfig& config, net::Origin usual) {
  if (config.base_url.empty()) return usual;
  return net::Origin::parse(config.base_url);
}

CloudInput::CloudInput(const OutboundCall& call)
    : counts_tokens(path_of(call.target) == kCountTokens),
      betas(call.call.headers.joined("anthropic-beta")),
      input{.body = call.body,
            .model = call.model,
            .stream = call.stream,
            .betas = {},
            .user_profile_id = call.call.headers.get("anthropic-user-profile-id")} {}

std::unique_ptr<ReplyTranslator> translate_cloud_errors(const net::Headers& answer) {
  return std::make_unique<CloudErrors>(answer.get("x-amzn-errortype"));
}

void drop_fields(net::Headers& headers, std::string_view prefix) {
  net::Headers kept;
  for (const net::Field field : headers) {
    if (!field.name.starts_with(prefix)) kept.add(field.name, field.value);
  }
  headers = std::move(kept);
}

std::unique_ptr<TokenSource> unusable_credentials(const ProviderConfig& config, const ProviderTools& tools,
                                                  Error why) {
  tools.log.error("a provider cannot be used", {{"provider", config.name},
                                                {"error", std::string_view(why.message)},
                                                {"hint", std::string_view(why.hint)}});
  why.code = Code::unavailable;
  return std::make_unique<UnusableToken>(std::move(why));
}

std::unique_ptr<TokenSource> configured_key(const ProviderConfig& config) {
  return std::make_unique<FixedToken>(Token{.value = config.api_key, .expires_at = std::nullopt});
}

std::string_view release_day(std::string_view family) {
  const auto found = std::ranges::find(kReleases, family, &Release::family);
  return found == kReleases.end() ? std::string_view() : found->day;
}

}  // namespace weir::model

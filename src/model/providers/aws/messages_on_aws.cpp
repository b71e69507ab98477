#include "model/providers/aws/messages_on_aws.h"

#include <array>
#include <utility>

#include "model/prices.h"
#include "model/providers/aws/credentials.h"
#include "model/providers/beta_flags.h"
#include "model/providers/claude_name.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kModels{"claude*"sv};

std::unique_ptr<TokenSource> credentials_of(AwsApi api, const ProviderConfig& config,
                                            const ProviderTools& tools) {
  if (!config.api_key.empty()) return configured_key(config);
  if (auto readable = tools.environment.check(); !readable)
    return unusable_credentials(config, tools, std::move(readable.error()));
  const CredentialParts parts{tools.client, tools.environment, tools.clock, tools.random};
  auto tokens = api == AwsApi::mantle ? make_aws_credentials(parts, {"AWS_BEARER_TOKEN_BEDROCK"})
                                      : make_aws_credentials(parts, {"ANTHROPIC_AWS_API_KEY"});
  if (!tokens) return unusable_credentials(config, tools, std::move(tokens.error()));
  return *std::move(tokens);
}

Result<std::unique_ptr<Provider>> make(AwsApi api, const ProviderConfig& config, const ProviderTools& tools) {
  auto endpoint = aws_endpoint(api, config.region);
  if (!endpoint) return fail(endpoint);
  auto origin = origin_of(config, std::move(endpoint->origin));
  if (!origin) return fail(origin);
  CloudIdentity identity{.name = config.name,
                         .system = api == AwsApi::mantle ? "aws.bedrock" : "anthropic",
                         .origin = *std::move(origin),
                         .model_ids = model_ids_of(config)};
  return std::make_unique<MessagesOnAws>(api, std::move(identity), credentials_of(api, config, tools),
                                         std::move(endpoint->scope), config.workspace, tools.clock);
}

Result<std::unique_ptr<Provider>> make_mantle(const ProviderConfig& config, const ProviderTools& tools) {
  return make(AwsApi::mantle, config, tools);
}

Result<std::unique_ptr<Provider>> make_platform(const ProviderConfig& config, const ProviderTools& tools) {
  return make(AwsApi::platform, config, tools);
}

std::string_view missing_region(const ProviderConfig& config) {
  return aws_endpoint(AwsApi::mantle, config.region) ? "" : "region";
}

std::string_view missing_of_platform(const ProviderConfig& config) {
  return config.workspace.empty() ? "workspace" : missing_region(config);
}

}  // namespace

const ProviderKind kBedrockMantleKind{
    .kind = "bedrock_mantle", .models = kModels, .missing = missing_region, .make = make_mantle};
const ProviderKind kClaudePlatformAwsKind{
    .kind = "claude_platform_aws", .models = kModels, .missing = missing_of_platform, .make = make_platform};

MessagesOnAws::MessagesOnAws(AwsApi api, CloudIdentity identity, std::unique_ptr<TokenSource> tokens,
                             SigningScope scope, std::string workspace, const Clock& clock)
    : CloudProvider(std::move(identity), std::move(tokens)),
      api_(api),
      scope_(std::move(scope)),
      workspace_(std::move(workspace)),
      clock_(clock) {}

bool MessagesOnAws::has_endpoint(std::string_view target) const {
  return api_ == AwsApi::platform || CloudProvider::has_endpoint(target);
}

Task<Result<PreparedRequest>> MessagesOnAws::prepare(const OutboundCall& call) {
  auto token = co_await tokens().get();
  if (!token) co_return fail(token);
  PreparedRequest prepared = begin(call);
  net::Headers& headers = prepared.request.headers;
  if (api_ == AwsApi::mantle) {
    const CloudInput source(call);
    if (!source.input.user_profile_id.empty()) {
      auto body = messages_body(source.input);
      if (!body) co_return fail(body);
      prepared.body = *std::move(body);
      prepared.request.body = *prepared.body;
      headers.remove("anthropic-user-profile-id");
    }
    const std::string betas = accepted_beta_list(Cloud::mantle, source.betas);
    headers.remove("anthropic-beta");
    if (!betas.empty()) headers.set("anthropic-beta", betas);
  } else if (!workspace_.empty()) {
    headers.set("anthropic-workspace-id", workspace_);
  }
  authorize_aws(prepared.request, origin(), scope_, *token, clock_.wall());
  co_return prepared;
}

std::string_view MessagesOnAws::request_id(const net::Headers& headers) const {
  const std::string_view id = headers.get("request-id");
  return id.empty() ? headers.get("x-amzn-requestid") : id;
}

std::string MessagesOnAws::default_model_id(std::string_view model) const {
  const std::string name = claude_name(model);
  if (api_ == AwsApi::platform || !name.starts_with("claude-")) return name;
  return "anthropic." + std::string(model_family(name));
}

}  // namespace weir::model

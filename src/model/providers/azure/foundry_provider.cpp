#include "model/providers/azure/foundry_provider.h"

#include <array>
#include <utility>

#include "model/prices.h"
#include "model/providers/azure/credentials.h"
#include "model/providers/claude_name.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kModels{"claude*"sv};

AzureCredentials credentials_of(const ProviderConfig& config, const ProviderTools& tools) {
  if (!config.api_key.empty()) return {.tokens = configured_key(config), .auth = FoundryAuth::api_key};
  const CredentialParts parts{tools.client, tools.environment, tools.clock, tools.random};
  auto readable = tools.environment.check();
  auto credentials = readable ? make_azure_credentials(parts) : Result<AzureCredentials>(fail(readable));
  if (credentials) return *std::move(credentials);
  return {.tokens = unusable_credentials(config, tools, std::move(credentials.error())),
          .auth = FoundryAuth::api_key};
}

Result<std::unique_ptr<Provider>> make(const ProviderConfig& config, const ProviderTools& tools) {
  auto origin =
      config.base_url.empty() ? foundry_origin(config.resource) : net::Origin::parse(config.base_url);
  if (!origin) return fail(origin);
  AzureCredentials credentials = credentials_of(config, tools);
  CloudIdentity identity{.name = config.name,
                         .system = "azure.ai.inference",
                         .origin = *std::move(origin),
                         .model_ids = model_ids_of(config)};
  return std::make_unique<Foundry>(std::move(identity), std::move(credentials.tokens), credentials.auth);
}

std::string_view missing(const ProviderConfig& config) {
  return config.base_url.empty() && !foundry_origin(config.resource) ? "resource" : "";
}

}  // namespace

const ProviderKind kFoundryKind{.kind = "foundry", .models = kModels, .missing = missing, .make = make};

Foundry::Foundry(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, FoundryAuth auth)
    : CloudProvider(std::move(identity), std::move(tokens)), auth_(auth) {}

Task<Result<PreparedRequest>> Foundry::prepare(const OutboundCall& call) {
  auto token = co_await tokens().get();
  if (!token) co_return fail(token);
  PreparedRequest prepared = begin(call);
  authorize_foundry(prepared.request, *token, auth_);
  co_return prepared;
}

std::string_view Foundry::request_id(const net::Headers& headers) const {
  const std::string_view id = headers.get("request-id");
  return id.empty() ? headers.get("apim-request-id") : id;
}

std::string Foundry::default_model_id(std::string_view model) const {
  std::string name = claude_name(model);
  return name.starts_with("claude-") ? std::string(model_family(name)) : name;
}

}  // namespace weir::model

#include "model/providers/google/vertex_provider.h"

#include <array>
#include <utility>

#include "model/prices.h"
#include "model/providers/claude_name.h"
#include "model/providers/google/credentials.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kModels{"claude*"sv};

GoogleCredentials credentials_of(const ProviderConfig& config, const ProviderTools& tools) {
  if (!config.api_key.empty()) return {.tokens = configured_key(config), .project = {}, .quota_project = {}};
  const CredentialParts parts{tools.client, tools.environment, tools.clock, tools.random};
  auto credentials = make_google_credentials(parts);
  if (credentials) return *std::move(credentials);
  return {.tokens = unusable_credentials(config, tools, std::move(credentials.error())),
          .project = {},
          .quota_project = {}};
}

Result<std::unique_ptr<Provider>> make(const ProviderConfig& config, const ProviderTools& tools) {
  auto usual = vertex_origin(config.region);
  if (!usual) return fail(usual);
  auto origin = origin_of(config, *std::move(usual));
  if (!origin) return fail(origin);
  GoogleCredentials credentials = credentials_of(config, tools);
  VertexPlace place{.project = config.project, .region = config.region};
  if (place.project.empty())
    place.project = tools.environment.variable_or("GOOGLE_CLOUD_PROJECT", credentials.project);
  if (place.project.empty()) {
    credentials.tokens = unusable_credentials(
        config, tools,
        Error(Code::unavailable, "no Google Cloud project is set", "set ANTHROPIC_VERTEX_PROJECT_ID"));
  }
  CloudIdentity identity{.name = config.name,
                         .system = "gcp.vertex_ai",
                         .origin = *std::move(origin),
                         .model_ids = model_ids_of(config)};
  return std::make_unique<Vertex>(std::move(identity), std::move(credentials.tokens), std::move(place),
                                  std::move(credentials.quota_project));
}

std::string_view missing(const ProviderConfig& config) {
  return vertex_origin(config.region) ? "" : "region";
}

}  // namespace

const ProviderKind kVertexKind{.kind = "vertex", .models = kModels, .missing = missing, .make = make};

Vertex::Vertex(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, VertexPlace place,
               std::string quota_project)
    : CloudProvider(std::move(identity), std::move(tokens)),
      place_(std::move(place)),
      quota_project_(std::move(quota_project)) {}

Task<Result<PreparedRequest>> Vertex::prepare(const OutboundCall& call) {
  auto token = co_await tokens().get();
  if (!token) co_return fail(token);
  CloudInput source(call);
  source.input.betas = source.betas;
  auto rewritten =
      source.counts_tokens ? to_vertex_count_tokens(source.input, place_) : to_vertex(source.input, place_);
  if (!rewritten) co_return fail(rewritten);
  PreparedRequest prepared = begin(call);
  prepared.request.target = std::move(rewritten->target);
  prepared.body = std::move(rewritten->body);
  prepared.request.body = *prepared.body;
  net::Headers& headers = prepared.request.headers;
  drop_fields(headers, "anthropic-");  // the version is in the body
  if (!rewritten->betas.empty()) headers.set("anthropic-beta", rewritten->betas);
  headers.set("authorization", "Bearer " + std::string(token->value.reveal()));
  if (!quota_project_.empty()) headers.set("x-goog-user-project", quota_project_);
  co_return prepared;
}

std::string Vertex::default_model_id(std::string_view model) const {
  return vertex_model_id(model);
}

std::string vertex_model_id(std::string_view caller_model) {
  if (caller_model.contains('@')) return std::string(caller_model);
  const std::string model = claude_name(caller_model);
  if (!model.starts_with("claude-")) return model;
  const std::string_view family = model_family(model);
  if (family.size() < model.size() && model[family.size()] == '-')
    return std::string(family) + "@" + model.substr(family.size() + 1);
  const std::string_view day = release_day(family);
  return day.empty() ? model : model + "@" + std::string(day);
}

}  // namespace weir::model

// What a GatewayConfig must be, and which providers it describes.
#include <algorithm>
#include <utility>

#include "model/gateway.h"
#include "model/providers/registry.h"
#include "net/http_client.h"

namespace weir::model {
namespace {

std::unexpected<Error> refuse(std::string field, std::string message, std::string hint) {
  Error error(Code::invalid_request, std::move(message), std::move(hint));
  error.field = std::move(field);
  return fail(std::move(error));
}

Result<> check_positive(std::string_view name, std::chrono::milliseconds value) {
  if (value.count() > 0) return {};
  return refuse("anthropic." + std::string(name), std::string(name) + " must be more than 0",
                "use milliseconds, 1 or more");
}

Result<> check_provider(const ProviderConfig& config) {
  const std::string place = "providers." + config.name;
  const ProviderKind* kind = find_provider_kind(kind_of(config));
  if (kind == nullptr) {
    return refuse(place + ".kind",
                  place + ".kind must be one of " + provider_kind_names() + ", and is \"" +
                      std::string(kind_of(config)) + "\"",
                  "");
  }
  const std::string_view missing = kind->missing(config);
  if (!missing.empty()) {
    return refuse(place + "." + std::string(missing), place + "." + std::string(missing) + " is missing",
                  "set it, or remove " + place + " or the variable that made it");
  }
  if (!config.base_url.empty()) {
    auto origin = net::Origin::parse(config.base_url);
    if (!origin) return refuse(place + ".base_url", origin.error().message, origin.error().hint);
  }
  return {};
}

Result<> check_route(const RouteConfig& route, const std::string& place,
                     const std::vector<ProviderConfig>& known) {
  if (route.targets.empty() && !route.shadow) {
    return refuse(place + ".targets", place + " has no targets", "add [[routes.targets]] with a provider");
  }
  for (std::size_t i = 0; i < route.targets.size(); ++i) {
    const std::string& provider = route.targets[i].provider;
    if (std::ranges::find(known, provider, &ProviderConfig::name) != known.end()) continue;
    return refuse(place + ".targets[" + std::to_string(i) + "].provider",
                  "no provider is called \"" + provider + "\", or it has no key",
                  "add [providers.NAME], or set the well-known variables of one");
  }
  return {};
}

// The region and project that the environment names are the machine's; key and address are the name's own.
void inherit(ProviderConfig& config, const ProviderConfig& from) {
  if (kind_of(config) != kind_of(from)) return;
  if (config.region.empty()) config.region = from.region;
  if (config.project.empty()) config.project = from.project;
  if (config.name != from.name) return;
  if (config.resource.empty()) config.resource = from.resource;
  if (config.base_url.empty()) config.base_url = from.base_url;
  if (config.api_key.empty()) config.api_key = from.api_key;
}

// Whether the environment alone makes it. A cloud is asked for by what is of use for nothing else: its
// switch, its key for Claude, its project for Claude. If then something is missing, check() tells.
bool is_made(const ProviderConfig& well_known) {
  const bool is_cloud = well_known.order > 0;
  if (is_cloud) return well_known.wanted || !well_known.api_key.empty() || !well_known.project.empty();
  return find_provider_kind(kind_of(well_known))->missing(well_known).empty();
}

}  // namespace

Result<> GatewayConfig::check() const {
  for (const ProviderConfig* well_known : {&anthropic, &openai, &bedrock, &vertex, &foundry}) {
    if (well_known->base_url.empty()) continue;
    auto origin = net::Origin::parse(well_known->base_url);
    if (!origin) return refuse(well_known->name + ".base_url", origin.error().message, origin.error().hint);
  }
  for (const ProviderConfig& config : all_providers()) {
    auto checked = check_provider(config);
    if (!checked) return checked;
  }
  for (const auto& [name, value] :
       {std::pair{"connect_timeout", connect_timeout}, std::pair{"first_token_timeout", first_token_timeout},
        std::pair{"idle_timeout", idle_timeout}, std::pair{"total_timeout", total_timeout}}) {
    auto checked = check_positive(name, value);
    if (!checked) return checked;
  }
  for (std::size_t i = 0; i < routes.size(); ++i) {
    auto checked = check_route(routes[i], "routes[" + std::to_string(i) + "]", all_providers());
    if (!checked) return checked;
  }
  for (const Result<>& checked : {retry.check(), breaker.check(), retry_budget.check(), admission.check()}) {
    if (!checked) return checked;
  }
  return {};
}

std::vector<ProviderConfig> GatewayConfig::all_providers() const {
  std::vector<ProviderConfig> all = providers;
  for (ProviderConfig& config : all) {
    // AWS's other ways to Claude are in the same region.
    if (config.region.empty() && kind_of(config) != kind_of(vertex)) config.region = bedrock.region;
  }
  for (const ProviderConfig* well_known : {&anthropic, &openai, &bedrock, &vertex, &foundry}) {
    for (ProviderConfig& config : all) inherit(config, *well_known);
    if (std::ranges::find(all, well_known->name, &ProviderConfig::name) != all.end()) continue;
    if (is_made(*well_known)) all.push_back(*well_known);
  }
  return all;
}

}  // namespace weir::model

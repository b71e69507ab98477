// model/providers/registry.h: the kinds of providers that Weir knows, one line each.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "model/providers/environment.h"
#include "model/providers/provider.h"
#include "model/providers/provider_config.h"
#include "net/http_client.h"
#include "observe/log.h"

namespace weir::model {

// What a provider may use beside its configuration; lives as long as it does. `client` is for
// credentials that must be fetched: calls themselves are sent by the gateway.
struct ProviderTools {
  net::HttpClient& client;
  const Clock& clock;
  Random& random;
  observe::Log& log;
  const SecretFileEnvironment& environment;  // where the clouds' SDKs look for credentials
};

struct ProviderKind {
  std::string_view kind;  // as in `kind = "…"`
  std::span<const std::string_view>
      models;  // globs of the models that such a provider is asked for by default
  // The setting without which it cannot be asked, such as "api_key"; empty: nothing is missing.
  std::string_view (*missing)(const ProviderConfig& config);
  Result<std::unique_ptr<Provider>> (*make)(const ProviderConfig& config, const ProviderTools& tools);
};

std::span<const ProviderKind* const> provider_kinds();
const ProviderKind* find_provider_kind(std::string_view kind);  // null: unknown
// "anthropic", "openai"…, for messages.
std::string provider_kind_names();
// The kind of a configured provider: what it says, else its name.
inline std::string_view kind_of(const ProviderConfig& config) {
  return config.kind.empty() ? std::string_view(config.name) : std::string_view(config.kind);
}

}  // namespace weir::model

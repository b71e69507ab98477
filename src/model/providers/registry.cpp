#include "model/providers/registry.h"

#include <array>
#include <string>

#include "model/providers/anthropic.h"

namespace weir::model {
namespace {

Result<std::unique_ptr<Provider>> make_anthropic(const GatewayConfig& config) {
  auto origin = net::Origin::parse(config.base_url);
  if (!origin) return fail(origin);
  if (config.api_key.empty()) return nullptr;
  return std::make_unique<Anthropic>(*std::move(origin), config.api_key);
}

struct Entry {
  std::string_view name;
  Result<std::unique_ptr<Provider>> (*make)(const GatewayConfig&);
};

constexpr std::array kProviders{
    Entry{"anthropic", make_anthropic},
};

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(std::string_view name, const GatewayConfig& config) {
  for (const Entry& entry : kProviders) {
    if (entry.name == name) return entry.make(config);
  }
  return fail(Code::invalid_request, "no provider is called \"" + std::string(name) + "\"", "use \"anthropic\"");
}

}  // namespace weir::model

// model/providers/provider_config.h: what an operator says about one provider.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace weir::model {

// One [providers.NAME] of the configuration file, or a provider that well-known environment names describe.
struct ProviderConfig {
  std::string name;      // how routes, the ledger, metrics and logs call it
  std::string kind;      // a line of providers/registry.cpp; empty: the name is one
  std::string base_url;  // empty: the kind's own
  Secret api_key;
  std::vector<std::string> models;  // globs of what it is asked for when no route decides; empty: the kind's
  std::uint32_t in_flight_max = 1'024;  // the adaptive limit never rises above it
};

}  // namespace weir::model

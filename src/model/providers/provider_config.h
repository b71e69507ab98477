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
  std::uint32_t order = 0;  // without a route: asked when those of lower order that serve the model failed

  // What only some kinds read.
  std::string region;                // AWS, Vertex AI
  std::string project;               // Vertex AI; empty: that of the credentials
  std::string resource;              // Foundry: the first part of its host name
  std::string workspace;             // Claude Platform on AWS: anthropic-workspace-id
  std::string profile = "global";    // Bedrock: the inference profile before a model's id; empty: none
  std::vector<std::string> model_ids;  // "name=id": what it calls a model; others by the kind's own rule
  bool wanted = false;  // made without a key of its own: the credentials are the machine's
};

}  // namespace weir::model

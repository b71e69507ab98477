// model/providers/azure/foundry_provider.h: Claude in Azure AI Foundry, called by the Claude API's requests.
#pragma once

#include "model/providers/azure/foundry.h"
#include "model/providers/cloud_provider.h"

namespace weir::model {

class Foundry final : public CloudProvider {
 public:
  Foundry(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, FoundryAuth auth);

  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  std::string_view request_id(const net::Headers& headers) const override;

 private:
  // Deployments are called as the model without its day, unless somebody named them otherwise.
  std::string default_model_id(std::string_view model) const override;

  const FoundryAuth auth_;
};

extern const ProviderKind kFoundryKind;

}  // namespace weir::model

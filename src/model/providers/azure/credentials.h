// model/providers/azure/credentials.h: what opens Azure AI Foundry: a key of the resource, or a token of
// Microsoft Entra ID for an application (OAuth 2 client credentials; azure-identity's environment and
// workload identity credentials).
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "model/providers/azure/foundry.h"
#include "model/providers/credential_parts.h"
#include "model/providers/token_source.h"

namespace weir::model {

constexpr std::string_view kFoundryScope = "https://ai.azure.com/.default";

struct AzureCredentials {
  std::unique_ptr<TokenSource> tokens;
  FoundryAuth auth = FoundryAuth::api_key;
};

// ANTHROPIC_FOUNDRY_API_KEY; else AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or
// AZURE_FEDERATED_TOKEN_FILE, at AZURE_AUTHORITY_HOST. Asks nobody yet. unavailable: none of it is
// complete; the error names what is missing.
Result<AzureCredentials> make_azure_credentials(const CredentialParts& parts);

}  // namespace weir::model

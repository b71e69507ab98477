// model/providers/azure/foundry.h: Claude in Azure AI Foundry: the Claude API's requests and answers as they
// are, at another origin with other credentials. Source: anthropic 2.12 lib/foundry.
#pragma once

#include <string_view>

#include "base/error.h"
#include "model/providers/environment.h"
#include "model/providers/token_source.h"
#include "net/http_client.h"

namespace weir::model {

// https://{resource}.services.ai.azure.com/anthropic. invalid_request: no resource's name.
Result<net::Origin> foundry_origin(std::string_view resource);

// ANTHROPIC_FOUNDRY_BASE_URL, or by ANTHROPIC_FOUNDRY_RESOURCE. unavailable: neither is set.
Result<net::Origin> foundry_origin(const Environment& environment);

enum class FoundryAuth : std::uint8_t { api_key, entra };

// An API key goes into x-api-key and api-key (older deployments read that), a token of Entra into
// authorization.
void authorize_foundry(net::ClientRequest& request, const Token& token, FoundryAuth auth);

}  // namespace weir::model

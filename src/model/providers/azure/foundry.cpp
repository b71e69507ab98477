#include "model/providers/azure/foundry.h"

#include <algorithm>

namespace weir::model {

Result<net::Origin> foundry_origin(std::string_view resource) {
  const bool is_name =
      !resource.empty() && resource.size() <= 64 && std::ranges::all_of(resource, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (!is_name) {
    return fail(Code::invalid_request, "\"" + std::string(resource) + "\" is no name of a Foundry resource",
                "set ANTHROPIC_FOUNDRY_RESOURCE to the first part of its host name");
  }
  return net::Origin::parse("https://" + std::string(resource) + ".services.ai.azure.com/anthropic");
}

Result<net::Origin> foundry_origin(const Environment& environment) {
  if (const auto url = environment.variable("ANTHROPIC_FOUNDRY_BASE_URL")) return net::Origin::parse(*url);
  if (const auto resource = environment.variable("ANTHROPIC_FOUNDRY_RESOURCE"))
    return foundry_origin(*resource);
  return fail(Code::unavailable, "no Foundry resource is set",
              "set ANTHROPIC_FOUNDRY_RESOURCE, or ANTHROPIC_FOUNDRY_BASE_URL");
}

void authorize_foundry(net::ClientRequest& request, const Token& token, FoundryAuth auth) {
  if (auth == FoundryAuth::entra) {
    request.headers.set("authorization", "Bearer " + std::string(token.value.reveal()));
    return;
  }
  request.headers.set("x-api-key", token.value.reveal());
  request.headers.set("api-key", token.value.reveal());
}

}  // namespace weir::model

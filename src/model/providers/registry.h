// model/providers/registry.h: the providers that Weir knows, one line each.
#pragma once

#include <memory>

#include "base/error.h"
#include "model/gateway.h"
#include "model/providers/provider.h"

namespace weir::model {

// The provider of that name from the configuration. Null: it has no key. invalid_request: unknown name,
// or a base_url that is no URL.
Result<std::unique_ptr<Provider>> make_provider(std::string_view name, const GatewayConfig& config);

}  // namespace weir::model

// edge/api/models.h: GET /v1/models and /v1/models/{id}.
#pragma once

#include "base/json.h"
#include "edge/routes.h"
#include "model/prices.h"

namespace weir::edge {

// The provider's own list when there is one to ask, else the models that Weir has prices for.
// A client of OpenAI's gets that shape: the Claude models that Weir has prices for, or the provider's list
// where only OpenAI is configured.
Task<Result<>> list_models(Exchange& exchange, const Api& api);
Task<Result<>> get_model(Exchange& exchange, const Api& api);

// It sends Authorization, and neither x-api-key nor a field of Anthropic's: those SDKs always name a version.
bool is_openai_client(const Exchange& exchange);

// In OpenAI's shape: all of them.
json::object openai_models(const model::Prices& prices);
// A page in Anthropic's shape, sorted by id; `after` as in after_id: only what comes behind it.
json::object models_page(const model::Prices& prices, std::size_t limit, std::string_view after);

}  // namespace weir::edge

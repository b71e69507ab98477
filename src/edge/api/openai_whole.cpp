#include "edge/api/openai_whole.h"

#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/relay.h"
#include "edge/policies/body_checks.h"

namespace weir::edge {

Task<Result<>> post_openai_whole(Exchange& exchange, const Api& api) {
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  model::UpstreamCall call;
  if (is_json_type(exchange.request.headers.get("content-type"))) {
    // A form names its model too, in a part that nobody here reads.
    auto facts = api.request_readers.read(*body);
    if (facts) call.model = std::move(facts->model);
  }
  exchange.model = call.model;
  call.target = exchange.request.target;
  call.dialect = model::Dialect::chat_completions;  // who speaks it has the rest of the API
  call.headers = exchange.request.headers;
  call.body = *std::move(body);
  call.metered = false;
  call.who = attribution_of(exchange);
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  co_return co_await relay(exchange, **reply);
}

}  // namespace weir::edge

#include "edge/api/messages.h"

#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/object_owners.h"
#include "edge/api/relay.h"
#include "model/file_id_scanner.h"

namespace weir::edge {
namespace {

Task<Result<>> pass_through(Exchange& exchange, const Api& api, bool metered) {
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto facts = api.request_readers.read(*body);
  if (!facts) co_return fail(facts);
  exchange.model = facts->model;
  if (owners_apply(exchange)) {
    auto files = model::file_ids_in(*body);
    auto owned = co_await check_owned(exchange, api, data::ObjectKind::file, std::move(files));
    if (!owned) co_return fail(owned);
  }

  model::UpstreamCall call;
  call.target = exchange.request.target;
  call.headers = exchange.request.headers;
  call.body = *std::move(body);
  call.model = std::move(facts->model);
  call.stream = facts->stream;
  call.facts = static_cast<model::CallFacts&>(*facts);
  call.metered = metered;
  call.who = attribution_of(exchange);
  co_return co_await ask_and_relay(exchange, api, std::move(call));
}

}  // namespace

Task<Result<>> post_messages(Exchange& exchange, const Api& api) {
  return pass_through(exchange, api, true);
}

Task<Result<>> post_count_tokens(Exchange& exchange, const Api& api) {
  return pass_through(exchange, api, false);
}

}  // namespace weir::edge

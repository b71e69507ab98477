#include "edge/api/openai.h"

#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/openai_objects.h"
#include "edge/api/relay.h"

namespace weir::edge {
namespace {

Task<Result<>> ask_model(Exchange& exchange, const Api& api, model::Dialect dialect) {
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto facts = api.request_readers.read(*body);
  if (!facts) co_return fail(facts);
  exchange.model = facts->model;
  auto checked = co_await check_references(exchange, api, *body);
  if (!checked) co_return fail(checked);

  model::UpstreamCall call;
  call.target = exchange.request.target;
  call.dialect = dialect;
  call.headers = exchange.request.headers;
  call.body = *std::move(body);
  call.model = std::move(facts->model);
  call.stream = facts->stream;
  call.facts = static_cast<model::CallFacts&>(*facts);
  call.who = attribution_of(exchange);
  co_return co_await ask_and_relay(exchange, api, std::move(call));
}

}  // namespace

Task<Result<>> post_chat_completions(Exchange& exchange, const Api& api) {
  return ask_model(exchange, api, model::Dialect::chat_completions);
}

Task<Result<>> post_responses(Exchange& exchange, const Api& api) {
  return ask_model(exchange, api, model::Dialect::responses);
}

Task<Result<>> post_embeddings(Exchange& exchange, const Api& api) {
  return ask_model(exchange, api, model::Dialect::embeddings);
}

}  // namespace weir::edge

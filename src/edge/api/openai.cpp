#include "edge/api/openai.h"

#include "edge/api/api.h"
#include "edge/api/openai_objects.h"
#include "edge/api/relay.h"

namespace weir::edge {
namespace {

Task<Result<>> ask_model(Exchange& exchange, const Api& api, model::Dialect dialect) {
  auto call = co_await read_call(exchange, api, dialect);
  if (!call) co_return fail(call);
  auto checked = co_await check_references(exchange, api, (*call)->body);
  if (!checked) co_return fail(checked);
  co_return co_await ask_and_relay(exchange, api, *std::move(call));
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

#include "edge/api/messages.h"

#include "edge/api/api.h"
#include "edge/api/object_owners.h"
#include "edge/api/relay.h"
#include "model/file_id_scanner.h"

namespace weir::edge {
namespace {

Task<Result<>> pass_through(Exchange& exchange, const Api& api, bool metered) {
  auto call = co_await read_call(exchange, api, model::Dialect::messages);
  if (!call) co_return fail(call);
  (*call)->metered = metered;
  if (owners_apply(exchange)) {
    auto files = model::file_ids_in((*call)->body);
    auto owned = co_await check_owned(exchange, api, data::ObjectKind::file, std::move(files));
    if (!owned) co_return fail(owned);
  }
  co_return co_await ask_and_relay(exchange, api, *std::move(call));
}

}  // namespace

Task<Result<>> post_messages(Exchange& exchange, const Api& api) {
  return pass_through(exchange, api, true);
}

Task<Result<>> post_count_tokens(Exchange& exchange, const Api& api) {
  return pass_through(exchange, api, false);
}

}  // namespace weir::edge

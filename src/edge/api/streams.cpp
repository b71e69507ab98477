#include "edge/api/streams.h"

#include "edge/api/api.h"

namespace weir::edge {
namespace {

Task<Result<>> answer_nothing(Exchange& exchange) {
  net::Response response;
  response.status = 204;
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace

Task<Result<>> get_stream(Exchange& exchange, const Api& api) {
  return api.streams.resume(exchange, std::string(exchange.path_argument));
}

Task<Result<>> delete_stream(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  auto removed = co_await api.streams.remove(exchange, std::move(id));
  if (!removed) co_return removed;
  co_return co_await answer_nothing(exchange);
}

Task<Result<>> get_chat_stream(Exchange& exchange, const Api& api) {
  std::string chat_id(exchange.path_argument);
  auto id = co_await api.streams.newest_of_chat(exchange, std::move(chat_id));
  if (!id && id.error().code == Code::not_found) co_return co_await answer_nothing(exchange);
  if (!id) co_return fail(id);
  co_return co_await api.streams.resume(exchange, *std::move(id));
}

}  // namespace weir::edge

#include "edge/api/provider_call.h"

#include "edge/api/relay.h"
#include "edge/outlet.h"
#include "model/batch_results.h"

namespace weir::edge {

model::UpstreamCall provider_call(Exchange& exchange, std::string_view provider) {
  model::UpstreamCall call;
  call.method = exchange.request.method;
  call.target = exchange.request.target;
  call.headers = exchange.request.headers;
  call.provider = provider;
  call.metered = false;
  call.who = attribution_of(exchange);
  return call;
}

Task<Result<std::string_view>> LimitedBody::read() {
  auto piece = co_await body_.read();
  if (!piece) co_return piece;
  size_ += piece->size();
  if (size_ <= size_max_) co_return piece;
  co_return fail(Code::too_large, "the body is larger than " + std::to_string(size_max_) + " bytes",
                 "send a smaller body");
}

Task<Result<std::string>> read_answer(model::UpstreamReply& reply, std::size_t size_max) {
  auto body = co_await net::read_all(reply, size_max);
  if (!body && body.error().code == Code::too_large) {
    co_return fail(Code::upstream_failed, "the provider's answer is too large");
  }
  co_return body;
}

Task<Result<>> send_answer(Exchange& exchange, model::UpstreamReply& reply, std::string body) {
  net::ResponseHead head = relayed_head(reply);
  net::Response response;
  response.status = head.status;
  response.headers = std::move(head.headers);
  response.body = std::move(body);
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> relay_results(Exchange& exchange, model::UpstreamReply& reply, std::string_view first,
                             model::BatchResults& results) {
  net::ResponseHead head = relayed_head(reply);
  auto begun = co_await exchange.out.start(std::move(head), reply.content_length());
  if (!begun) co_return begun;
  Result<std::string_view> piece = first;
  while (!piece->empty()) {
    results.feed(*piece);
    auto written = co_await exchange.out.write(*piece);
    if (!written) co_return written;
    piece = co_await reply.read();
    if (!piece) co_return fail(piece);
  }
  results.finish();
  co_return co_await exchange.out.finish();
}

Task<Result<>> call_and_relay(Exchange& exchange, const Api& api, model::UpstreamCall call) {
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  co_return co_await relay(exchange, **reply);
}

}  // namespace weir::edge

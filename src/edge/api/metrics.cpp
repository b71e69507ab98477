#include "edge/api/metrics.h"

#include "edge/api/api.h"

namespace weir::edge {

Task<Result<>> get_metrics(Exchange& exchange, const Api& api) {
  net::Response response;
  response.headers.add("content-type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = api.metrics.prometheus_text();
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge

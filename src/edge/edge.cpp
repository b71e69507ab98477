#include "edge/edge.h"

#include "edge/access_log.h"
#include "edge/api/api.h"
#include "edge/pipeline.h"
#include "edge/policies/admission.h"

namespace weir::edge {

// Declaration order is construction order.
class Edge::Impl {
 public:
  Impl(EdgeConfig config, EdgeServices services)
      : config_(std::move(config)),
        prices_(model::Prices::builtin()),
        request_readers_(config_.json_depth_max),
        api_{config_,          services.chat,  services.library, services.gateway, prices_,
             request_readers_, services.clock, services.metrics, services.health},
        admission_(config_, services.keys, services.limits, services.clock, services.random),
        access_log_(services.clock, services.log, services.metrics),
        pipeline_(admission_, access_log_, services.log,
                  [this](Exchange& exchange) { return exchange.route->handler(exchange, api_); }) {}

  Task<> handle(net::Request& request, net::Responder& responder) {
    return pipeline_.run(request, responder);
  }

 private:
  const EdgeConfig config_;
  const model::Prices prices_;
  RequestReaders request_readers_;
  const Api api_;
  Admission admission_;
  AccessLog access_log_;
  Pipeline pipeline_;
};

Edge::Edge(EdgeConfig config, EdgeServices services)
    : impl_(std::make_unique<Impl>(std::move(config), services)) {}

Edge::~Edge() = default;

net::Handler Edge::handler() {
  return [impl = impl_.get()](net::Request& request, net::Responder& responder) {
    return impl->handle(request, responder);
  };
}

}  // namespace weir::edge

#include "edge/edge.h"

#include "edge/access_log.h"
#include "edge/api/api.h"
#include "edge/pipeline.h"
#include "edge/policies/admission.h"
#include "net/sleep.h"

namespace weir::edge {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};  // of streams that nobody reads

}  // namespace

// Declaration order is construction order.
class Edge::Impl {
 public:
  Impl(EdgeConfig config, EdgeServices services)
      : config_(std::move(config)),
        prices_(model::Prices::builtin()),
        request_readers_(config_.json_depth_max),
        streams_(services.streams, services.clock, services.random, services.log, services.metrics),
        api_{config_,          services.chat,   services.library, services.gateway, prices_,
             request_readers_, streams_,        services.traces,  services.objects, services.clock,
             services.metrics, services.health, services.urls, services.ingestions},
        admission_(config_, services.keys, services.limits, services.clock, services.random),
        access_log_(services.clock, services.log, services.metrics),
        recording_(services.cassettes != nullptr
                       ? std::make_unique<Recording>(config_.recording, *services.cassettes, services.clock,
                                                     services.random)
                       : nullptr),
        pipeline_(
            admission_, access_log_, services.log,
            [this](Exchange& exchange) { return exchange.route->handler(exchange, api_); }, &services.traces,
            recording_.get()) {
    services.metrics.observe_gauge("weir_request_body_bytes", "Request bodies in memory.",
                                   [this] { return static_cast<double>(admission_.bodies.used()); });
  }

  Task<> handle(net::Request& request, net::Responder& responder) {
    return pipeline_.run(request, responder);
  }
  // Waits for nothing but the next look, and ends with its loop.
  Task<> tend_streams() {
    while (true) {
      co_await streams_.sweep();
      co_await net::sleep_for(kSweepInterval);
    }
  }
  std::size_t drain_streams(std::chrono::nanoseconds patience) { return streams_.drain(patience); }

 private:
  const EdgeConfig config_;
  const model::Prices prices_;
  RequestReaders request_readers_;
  ResumableStreams streams_;
  const Api api_;
  Admission admission_;
  AccessLog access_log_;
  const std::unique_ptr<Recording> recording_;  // null: nothing is recorded
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

Task<> Edge::tend_streams() {
  return impl_->tend_streams();
}

std::size_t Edge::drain_streams(std::chrono::nanoseconds patience) {
  return impl_->drain_streams(patience);
}

}  // namespace weir::edge

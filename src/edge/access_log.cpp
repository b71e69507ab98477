#include "edge/access_log.h"

#include "edge/outlet.h"
#include "edge/routes.h"

namespace weir::edge {
namespace {

constexpr std::array kClassNames{"2xx", "3xx", "4xx", "5xx", "gone"};
// From a refusal (microseconds) to a long stream (ten minutes).
constexpr std::array kDurationBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,   0.25,  0.5,
                                     1.0,   2.5,    5.0,   10.0, 30.0,  60.0, 120.0, 300.0, 600.0};
constexpr std::size_t kPathShown = 512;  // bytes; a path may be as long as the client likes

std::string_view shown(std::string_view path) {
  if (path.size() <= kPathShown) return path;
  std::size_t end = kPathShown;
  while (end > 0 && (static_cast<unsigned char>(path[end]) & 0xC0) == 0x80) --end;  // no half character
  return path.substr(0, end);
}

std::size_t class_index(int status) {
  if (status == 0) return kClassNames.size() - 1;
  return static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2);
}

observe::Level level_of(const Exchange& exchange, int status) {
  if (status >= 500) return observe::Level::warn;
  if (exchange.route->probe && status < 400) return observe::Level::debug;
  return observe::Level::info;
}

}  // namespace

AccessLog::AccessLog(const Clock& clock, observe::Log& log, observe::Metrics& metrics)
    : clock_(clock), log_(log), in_flight_(metrics.gauge("weir_in_flight", "HTTP requests being answered")) {
  for (const Route& route : route_table()) add_route(metrics, route);
  for (const Route* route : fallback::all()) add_route(metrics, *route);
}

void AccessLog::add_route(observe::Metrics& metrics, const Route& route) {
  Instruments instruments;
  for (std::size_t i = 0; i < kClassNames.size(); ++i) {
    instruments.requests[i] = &metrics.counter(
        "weir_http_requests_total", "HTTP requests by outcome",
        {{"route", route.pattern}, {"method", route.method}, {"status_class", kClassNames[i]}});
  }
  instruments.duration = &metrics.histogram("weir_http_request_duration_seconds",
                                            "From the request's head to the end of its answer",
                                            kDurationBounds, {{"route", route.pattern}});
  instruments_.emplace(&route, instruments);
}

void AccessLog::departed(const Exchange& exchange) {
  in_flight_.add(-1);
  const auto took = clock_.monotonic() - exchange.started;
  const int status = exchange.out.status();
  const Instruments& instruments = instruments_.at(exchange.route);
  instruments.requests[class_index(status)]->add();
  instruments.duration->observe(std::chrono::duration<double>(took).count());
  write(exchange, status, took);
}

void AccessLog::write(const Exchange& exchange, int status, std::chrono::nanoseconds took) {
  const observe::Level level = level_of(exchange, status);
  if (!log_.enabled(level)) return;
  observe::Attributes attributes;
  attributes.reserve(16);
  attributes.emplace_back("http.request.method", exchange.request.method);
  attributes.emplace_back("http.route", observe::Word{exchange.route->pattern});
  attributes.emplace_back("url.path", shown(exchange.request.path));
  attributes.emplace_back("http.response.status_code", status);
  attributes.emplace_back("duration_ms", took);
  attributes.emplace_back("client.address", observe::Word{exchange.client_text});
  attributes.emplace_back("weir.key_id", exchange.principal.key_id);
  attributes.emplace_back("request_id", observe::Word{exchange.id});
  attributes.emplace_back("trace_id", observe::Word{exchange.trace.trace()});
  attributes.emplace_back("span_id", observe::Word{exchange.trace.span()});
  attributes.emplace_back("http.response.body.size", exchange.out.bytes());
  if (exchange.request.content_length > 0) {
    attributes.emplace_back("http.request.body.size", exchange.request.content_length);
  }
  if (!exchange.model.empty()) attributes.emplace_back("gen_ai.request.model", exchange.model);
  if (exchange.failure) {
    attributes.emplace_back("error.type", observe::Word{to_string(exchange.failure->code)});
    attributes.emplace_back("error.message", exchange.failure->message);
  }
  log_.write(level, "request completed", attributes, "weir.request.completed");
}

}  // namespace weir::edge

// edge/access_log.h: one wide log event and the HTTP metrics for each request, answered, refused or
// abandoned.
#pragma once

#include <array>
#include <unordered_map>

#include "base/clock.h"
#include "edge/exchange.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::edge {

// Thread-safe. Its instruments are looked up once per route, when it is built.
class AccessLog {
 public:
  AccessLog(const Clock& clock, observe::Log& log, observe::Metrics& metrics);
  void arrived() { in_flight_.add(1); }
  void departed(const Exchange& exchange);

 private:
  // Classes of weir_http_requests_total: 2xx to 5xx, and "gone" when the client left without an answer.
  static constexpr std::size_t kClasses = 5;
  struct Instruments {
    std::array<observe::Counter*, kClasses> requests{};
    observe::Histogram* duration = nullptr;
  };
  void add_route(observe::Metrics& metrics, const Route& route);
  void write(const Exchange& exchange, int status, std::chrono::nanoseconds took);

  const Clock& clock_;
  observe::Log& log_;
  observe::Gauge& in_flight_;
  std::unordered_map<const Route*, Instruments> instruments_;
};

}  // namespace weir::edge

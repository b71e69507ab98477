#include "edge/policies/in_flight.h"

namespace weir::edge {
namespace {

constexpr std::int64_t kRetryAfterMs = 1'000;

}  // namespace

Result<> enter(Exchange& exchange, Admission& admission) {
  if (exchange.route->exempt == Exempt::admission) return {};
  if (admission.in_flight.fetch_add(1, std::memory_order_relaxed) >= admission.config.in_flight_max) {
    admission.in_flight.fetch_sub(1, std::memory_order_relaxed);
    Error refusal(Code::overloaded,
                  std::to_string(admission.config.in_flight_max) + " requests are being answered already",
                  "try again in a moment");
    refusal.retry_after_ms = kRetryAfterMs;
    return fail(std::move(refusal));
  }
  exchange.in_flight = true;
  return {};
}

void leave(Exchange& exchange, Admission& admission) {
  if (!exchange.in_flight) return;
  admission.in_flight.fetch_sub(1, std::memory_order_relaxed);
  exchange.in_flight = false;
}

}  // namespace weir::edge

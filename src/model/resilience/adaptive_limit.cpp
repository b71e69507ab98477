#include "model/resilience/adaptive_limit.h"

#include <algorithm>

namespace weir::model {

Result<> AdaptiveLimitConfig::check() const {
  if (min >= 1 && min <= max && keep_percent >= 1 && keep_percent <= 99) return {};
  return fail(Code::invalid_request, "the adaptive limit's bounds do not fit together",
              "use 1 <= min <= max and 1 <= keep_percent <= 99");
}

void AdaptiveLimit::succeeded(std::uint32_t in_flight) {
  const std::uint32_t limit = limit_.load(std::memory_order_relaxed);
  if (limit >= config_.max || in_flight < limit / 2) return;
  if (good_.fetch_add(1, std::memory_order_relaxed) + 1 < limit) return;
  good_.store(0, std::memory_order_relaxed);
  std::uint32_t expected = limit;
  limit_.compare_exchange_strong(expected, limit + 1, std::memory_order_relaxed);
}

void AdaptiveLimit::overloaded(std::uint32_t in_flight) {
  const Monotonic::rep now = std::max<Monotonic::rep>(clock_.monotonic().count(), 1);
  Monotonic::rep last = decreased_at_.load(std::memory_order_relaxed);
  if (last != 0 && Monotonic(now - last) < config_.settle) return;
  if (!decreased_at_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return;
  const std::uint32_t base = std::min(limit_.load(std::memory_order_relaxed), std::max(in_flight, 1U));
  const std::uint32_t kept = static_cast<std::uint32_t>(std::uint64_t{base} * config_.keep_percent / 100);
  limit_.store(std::clamp(kept, config_.min, config_.max), std::memory_order_relaxed);
  good_.store(0, std::memory_order_relaxed);
}

}  // namespace weir::model

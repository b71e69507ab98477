// model/resilience/adaptive_limit.h: how many requests an upstream takes at once, learnt from its answers:
// additive increase, multiplicative decrease (RFC 5681 §3.1 does the same with packets).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/error.h"

namespace weir::model {

struct AdaptiveLimitConfig {
  std::uint32_t min = 4;
  std::uint32_t max = 1'024;                // also where it begins: nothing is held back without a sign
  std::uint32_t keep_percent = 70;          // of what is in flight, after a sign of overload
  std::chrono::milliseconds settle{1'000};  // signs within this time of a decrease belong to it
  Result<> check() const;
};

// Any thread may call; no locks.
class AdaptiveLimit {
 public:
  AdaptiveLimit(AdaptiveLimitConfig config, const Clock& clock)
      : config_(config), clock_(clock), limit_(config.max) {}

  std::uint32_t limit() const { return limit_.load(std::memory_order_relaxed); }
  // A good answer while `in_flight` requests ran. Rises by one for each `limit` of them, and only while
  // the limit is felt: an idle upstream proves nothing.
  void succeeded(std::uint32_t in_flight);
  // 429, 503, 529 or a timeout while `in_flight` requests ran.
  void overloaded(std::uint32_t in_flight);

 private:
  const AdaptiveLimitConfig config_;
  const Clock& clock_;
  std::atomic<std::uint32_t> limit_;
  std::atomic<std::uint32_t> good_{0};           // answers since the last step
  std::atomic<Monotonic::rep> decreased_at_{0};  // 0: never
};

}  // namespace weir::model

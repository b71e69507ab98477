#include "model/resilience/retry_budget.h"

#include <algorithm>
#include <chrono>

namespace weir::model {
namespace {

constexpr std::int64_t kRetry = 100;  // hundredths

}  // namespace

Result<> RetryBudgetConfig::check() const {
  if (percent <= 1'000 && saved_max >= 1) return {};
  return fail(Code::invalid_request, "the retry budget cannot be kept",
              "use percent <= 1000 and saved_max >= 1");
}

RetryBudget::RetryBudget(RetryBudgetConfig config, const Clock& clock)
    : config_(config), clock_(clock), balance_(config.saved_max * kRetry), refilled_at_(clock.monotonic()) {}

void RetryBudget::deposit() {
  // A few deposits beyond the cap, when loops race, do no harm.
  if (balance_.load(std::memory_order_relaxed) < config_.saved_max * kRetry) {
    balance_.fetch_add(config_.percent, std::memory_order_relaxed);
  }
}

bool RetryBudget::withdraw() {
  const std::lock_guard lock(mutex_);
  const Monotonic now = clock_.monotonic();
  const auto passed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_at_).count();
  const std::int64_t refill =
      std::min<std::int64_t>(passed_ms, 60'000) * config_.per_second_min * kRetry / 1'000;
  if (refill > 0) {
    refilled_at_ = now;
    const std::int64_t room = config_.saved_max * kRetry - balance_.load(std::memory_order_relaxed);
    balance_.fetch_add(std::clamp<std::int64_t>(refill, 0, std::max<std::int64_t>(room, 0)),
                       std::memory_order_relaxed);
  }
  if (balance_.load(std::memory_order_relaxed) < kRetry) return false;
  balance_.fetch_sub(kRetry, std::memory_order_relaxed);
  return true;
}

}  // namespace weir::model

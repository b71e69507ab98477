// model/resilience/retry_budget.h: how many tries beyond the first all calls together may make, so that an
// outage is not multiplied by those who retry.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/clock.h"
#include "base/error.h"

namespace weir::model {

struct RetryBudgetConfig {
  std::uint32_t percent = 20;         // of the calls
  std::uint32_t per_second_min = 10;  // so that few calls may retry too
  std::uint32_t saved_max = 100;  // retries; what good times save for bad ones, and what is there at first
  Result<> check() const;
};

// Any thread may call. A deposit is one atomic addition.
class RetryBudget {
 public:
  RetryBudget(RetryBudgetConfig config, const Clock& clock);
  void deposit();   // for each call
  bool withdraw();  // for each further try; false: there is to be none

 private:
  const RetryBudgetConfig config_;
  const Clock& clock_;
  std::atomic<std::int64_t> balance_;  // hundredths of a retry
  std::mutex mutex_;
  Monotonic refilled_at_;  // guarded by mutex_
};

}  // namespace weir::model

#include "model/resilience/breaker.h"

#include <algorithm>

namespace weir::model {

Result<> BreakerConfig::check() const {
  if (window.count() < 100 || open_for.count() < 10 || tries_min < 1 || probes_to_close < 1 ||
      failures_percent < 1 || failures_percent > 100) {
    return fail(Code::invalid_request, "the breaker's settings do not fit together",
                "use window >= 100ms, open_for >= 10ms, tries_min >= 1, 1 <= failures_percent <= 100");
  }
  return {};
}

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::open: return "open";
    case BreakerState::half_open: return "half_open";
  }
  return "closed";
}

Breaker::Pass::~Pass() {
  if (breaker_ != nullptr) breaker_->end(epoch_, Outcome::none);
}

void Breaker::Pass::succeeded() {
  if (breaker_ != nullptr) breaker_->end(epoch_, Outcome::success);
  breaker_ = nullptr;
}

bool Breaker::Pass::failed() {
  const bool opened = breaker_ != nullptr && breaker_->end(epoch_, Outcome::failure);
  breaker_ = nullptr;
  return opened;
}

BreakerState Breaker::state_at(Monotonic now) const {
  if (!is_open_) return BreakerState::closed;
  return now - opened_at_ < config_.open_for ? BreakerState::open : BreakerState::half_open;
}

std::optional<Breaker::Pass> Breaker::allow() {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  const BreakerState state = state_at(now);
  if (state == BreakerState::open || (state == BreakerState::half_open && probing_)) return std::nullopt;
  probing_ = state == BreakerState::half_open;
  return Pass(*this, epoch_);
}

bool Breaker::would_allow() const {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  const BreakerState state = state_at(now);
  return state == BreakerState::closed || (state == BreakerState::half_open && !probing_);
}

BreakerState Breaker::state() const {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  return state_at(now);
}

std::chrono::nanoseconds Breaker::closed_for() const {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  if (!is_open_) return {};
  return std::max<std::chrono::nanoseconds>(opened_at_ + config_.open_for - now, {});
}

void Breaker::count_late_failure() {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  if (!is_open_) count(Outcome::failure, now);
}

bool Breaker::end(std::uint64_t epoch, Outcome outcome) {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_) return false;  // of a time before the breaker opened or closed
  if (!is_open_) {
    count(outcome, now);
    return is_open_;
  }
  probing_ = false;
  if (outcome == Outcome::failure) open(now);
  if (outcome == Outcome::success && ++probes_succeeded_ >= config_.probes_to_close) {
    is_open_ = false;
    ++epoch_;
    newer_ = older_ = {};
    half_began_at_ = now;
  }
  return outcome == Outcome::failure;
}

void Breaker::count(Outcome outcome, Monotonic now) {
  if (outcome == Outcome::none) return;
  const std::chrono::nanoseconds half = config_.window / 2;
  if (now - half_began_at_ >= half) {
    older_ = now - half_began_at_ < 2 * half ? newer_ : Counts{};
    newer_ = {};
    half_began_at_ = now;
  }
  ++newer_.tries;
  if (outcome == Outcome::failure) ++newer_.failures;
  in_row_ = outcome == Outcome::failure ? in_row_ + 1 : 0;
  const std::uint64_t tries = newer_.tries + older_.tries;
  const std::uint64_t failures = newer_.failures + older_.failures;
  if (outcome != Outcome::failure || tries < config_.tries_min) return;
  const bool share = failures * 100 >= tries * config_.failures_percent;
  if (share || in_row_ >= config_.tries_min) open(now);
}

void Breaker::open(Monotonic now) {
  is_open_ = true;
  opened_at_ = now;
  ++epoch_;
  probing_ = false;
  probes_succeeded_ = 0;
  in_row_ = 0;
}

}  // namespace weir::model

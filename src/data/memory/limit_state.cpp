#include "data/memory/limit_state.h"

#include <algorithm>
#include <cmath>

namespace weir::data {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kStepsMax = 65'536;     // 13.7 ms of a window of 15 minutes
constexpr milliseconds kParallelRetry{1'000};  // nobody knows when a stream ends
constexpr std::int64_t kShare = 4;             // of what is free: see Charge::wanted

// Rounded up, so that who waits that long is not early.
milliseconds up_to_ms(Monotonic duration) {
  return std::chrono::ceil<milliseconds>(duration);
}

// How finely the times are kept: exactly for limits of ordinary size; for larger ones in steps so short
// against the window that nobody notices, which bounds a log at kStepsMax entries.
Monotonic resolution_of(const Limit& limit) {
  if (limit.amount <= kStepsMax) return Monotonic(1);
  return std::max(Monotonic(1), Monotonic(limit.window) / kStepsMax);
}

double rate_of(const Limit& limit) {  // units a nanosecond
  return static_cast<double>(limit.amount) / static_cast<double>(Monotonic(limit.window).count());
}

}  // namespace

void LimitState::advance(const Limit& limit, LimitTime at) {
  switch (limit.method) {
    case LimitMethod::exact: log_.drop_until(at.now - limit.window); break;
    case LimitMethod::gcra: {
      const auto passed = static_cast<double>((at.now - level_at_).count());
      level_ = std::max(0.0, level_ - passed * rate_of(limit));
      level_at_ = at.now;
      break;
    }
    case LimitMethod::two_counters: {
      const std::int64_t number = at.now / Monotonic(limit.window);
      if (number == number_) break;
      previous_ = number == number_ + 1 ? sum_ : 0;
      sum_ = 0;
      number_ = number;
      break;
    }
    case LimitMethod::calendar: {
      // A clock that is set back does not bring back a budget.
      const std::int64_t number = period_at(limit.period, at.wall).number;
      if (number <= number_) break;
      sum_ = 0;
      number_ = number;
      break;
    }
    case LimitMethod::parallel: break;
  }
}

double LimitState::two_counter_sum(const Limit& limit, Monotonic now) const {
  const Monotonic window = limit.window;
  const double left = 1.0 - static_cast<double>((now % window).count()) / static_cast<double>(window.count());
  return static_cast<double>(previous_) * left + static_cast<double>(sum_);
}

std::int64_t LimitState::used(const Limit& limit, LimitTime at) const {
  switch (limit.method) {
    case LimitMethod::exact: return static_cast<std::int64_t>(log_.size());
    case LimitMethod::gcra: return static_cast<std::int64_t>(std::ceil(level_ - 1e-6));
    case LimitMethod::two_counters: return static_cast<std::int64_t>(two_counter_sum(limit, at.now));
    case LimitMethod::calendar: return sum_;
    case LimitMethod::parallel: return 0;
  }
  return 0;
}

Verdict LimitState::look(const Charge& charge, LimitTime at) const {
  Verdict verdict;
  const std::int64_t free = charge.limit.amount - used(charge.limit, at) - held_units_;
  verdict.admitted = free >= std::max<std::int64_t>(charge.units, 1);
  verdict.reserved = charge.units;
  if (charge.wanted > charge.units) {
    verdict.reserved = std::max(charge.units, std::min(charge.wanted, free / kShare));
  }
  if (!verdict.admitted) {
    verdict.retry_after = wait_for(charge, std::max<std::int64_t>(charge.units, 1) - free, at);
  }
  return verdict;
}

milliseconds LimitState::wait_for(const Charge& charge, std::int64_t missing, LimitTime at) const {
  const Limit& limit = charge.limit;
  switch (limit.method) {
    case LimitMethod::exact:
      // More than it can ever hold, or others hold it.
      if (charge.units > limit.amount || missing > static_cast<std::int64_t>(log_.size()) ||
          limit.amount == 0)
        return limit.window;
      return up_to_ms(log_.time_after(static_cast<std::uint64_t>(missing) - 1) + limit.window - at.now);
    case LimitMethod::gcra:
      if (charge.units > limit.amount || limit.amount == 0) return limit.window;
      return up_to_ms(Monotonic(static_cast<std::int64_t>(static_cast<double>(missing) / rate_of(limit))));
    case LimitMethod::two_counters: {
      const Monotonic window = limit.window;
      const Monotonic rest = window - at.now % window;
      if (previous_ == 0) return up_to_ms(rest);
      const double part = static_cast<double>(missing) / static_cast<double>(previous_);
      const auto decay = Monotonic(static_cast<std::int64_t>(part * static_cast<double>(window.count())));
      return up_to_ms(std::min(rest, decay));
    }
    case LimitMethod::calendar: return reset(limit, at);
    case LimitMethod::parallel: return kParallelRetry;
  }
  return limit.window;
}

milliseconds LimitState::reset(const Limit& limit, LimitTime at) const {
  switch (limit.method) {
    case LimitMethod::exact:
      return up_to_ms(log_.empty() ? Monotonic(limit.window) : log_.oldest() + limit.window - at.now);
    case LimitMethod::gcra:
      return limit.amount == 0 ? milliseconds(limit.window)
                               : up_to_ms(Monotonic(static_cast<std::int64_t>(level_ / rate_of(limit))));
    case LimitMethod::two_counters:
      return up_to_ms(Monotonic(limit.window) - at.now % Monotonic(limit.window));
    case LimitMethod::calendar:
      if (limit.period == Period::total) return milliseconds(0);
      return up_to_ms(period_at(limit.period, at.wall).end - at.wall);
    case LimitMethod::parallel: return milliseconds(0);
  }
  return milliseconds(0);
}

void LimitState::describe(const Charge& charge, LimitTime at, Verdict& verdict) const {
  const std::int64_t left = charge.limit.amount - used(charge.limit, at) - held_units_;
  verdict.remaining = std::max<std::int64_t>(0, left);
  verdict.reset = reset(charge.limit, at);
}

void LimitState::count(const Limit& limit, std::int64_t units, LimitTime at) {
  switch (limit.method) {
    case LimitMethod::exact: log_.add(at.now, resolution_of(limit), static_cast<std::uint64_t>(units)); break;
    case LimitMethod::gcra: level_ += static_cast<double>(units); break;
    case LimitMethod::two_counters:
    case LimitMethod::calendar: sum_ += units; break;
    case LimitMethod::parallel: break;
  }
}

void LimitState::take(const Charge& charge, std::string_view id, std::int64_t units, LimitTime at) {
  if (charge.held || charge.limit.method == LimitMethod::parallel) {
    hold(id, units, at);
  } else {
    count(charge.limit, units, at);
  }
}

void LimitState::hold(std::string_view id, std::int64_t units, LimitTime at) {
  if (holds_ == nullptr) holds_ = std::make_unique<Holds>();
  auto found = holds_->find(id);
  if (found == holds_->end()) found = holds_->emplace(std::string(id), Held{}).first;
  found->second.units += units;
  found->second.expires = at.now + kHoldLease;
  held_units_ += units;
}

void LimitState::settle(const Charge& charge, std::string_view id, LimitTime at) {
  if (holds_ != nullptr) {
    const auto found = holds_->find(id);
    if (found != holds_->end()) {
      held_units_ -= found->second.units;
      holds_->erase(found);
    }
  }
  if (charge.units > 0) count(charge.limit, charge.units, at);
}

void LimitState::renew(std::string_view id, LimitTime at) {
  if (holds_ == nullptr) return;
  const auto found = holds_->find(id);
  if (found != holds_->end()) found->second.expires = at.now + kHoldLease;
}

void LimitState::raise_to(const Limit& limit, std::int64_t used, LimitTime at) {
  advance(limit, at);
  sum_ = std::max(sum_, used);
}

void LimitState::drop_expired(Monotonic now) {
  if (holds_ == nullptr) return;
  for (auto held = holds_->begin(); held != holds_->end();) {
    if (held->second.expires > now) {
      ++held;
      continue;
    }
    held_units_ -= held->second.units;
    held = holds_->erase(held);
  }
}

Monotonic LimitState::end(const Limit& limit, LimitTime at) const {
  Monotonic over = at.now;
  switch (limit.method) {
    case LimitMethod::exact: over = log_.empty() ? at.now : log_.newest() + limit.window; break;
    case LimitMethod::gcra:
      if (level_ > 0) over = at.now + limit.window;
      break;
    case LimitMethod::two_counters:
      if (sum_ + previous_ > 0) over = (at.now / Monotonic(limit.window) + 2) * Monotonic(limit.window);
      break;
    case LimitMethod::calendar:
      if (sum_ == 0) break;
      if (limit.period == Period::total) return Monotonic::max();
      over = at.now + (period_at(limit.period, at.wall).end - at.wall);
      break;
    case LimitMethod::parallel: break;
  }
  if (holds_ != nullptr && !holds_->empty()) over = std::max(over, at.now + kHoldLease);
  return over;
}

}  // namespace weir::data

// data/memory/limit_state.h: what one subject has used and what is held of it. No locks, no clock: the caller
// brings both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "data/limits.h"
#include "data/memory/admission_log.h"

namespace weir::data {

struct LimitTime {
  Monotonic now{};
  WallTime wall{};
};

class LimitState {
 public:
  // What still counts at that time. Call before the rest, with the limit of the charge at hand.
  void advance(const Limit& limit, LimitTime at);
  std::int64_t used(const Limit& limit, LimitTime at) const;
  std::int64_t held() const { return held_units_; }

  // A verdict without taking anything; `reserved` is what take() is to be given.
  Verdict look(const Charge& charge, LimitTime at) const;
  void take(const Charge& charge, std::string_view id, std::int64_t units, LimitTime at);
  // More of what `id` holds.
  void hold(std::string_view id, std::int64_t units, LimitTime at);
  void settle(const Charge& charge, std::string_view id, LimitTime at);
  void renew(std::string_view id, LimitTime at);
  void raise_to(const Limit& limit, std::int64_t used, LimitTime at);
  void drop_expired(Monotonic now);

  // When this state may be forgotten without anyone's allowance rising; Monotonic::max(): never.
  Monotonic end(const Limit& limit, LimitTime at) const;
  // After a decision: what the caller is told.
  void describe(const Charge& charge, LimitTime at, Verdict& verdict) const;

 private:
  struct Held {
    std::int64_t units = 0;
    Monotonic expires{};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Holds = std::unordered_map<std::string, Held, Hash, std::equal_to<>>;

  void count(const Limit& limit, std::int64_t units, LimitTime at);
  std::chrono::milliseconds wait_for(const Charge& charge, std::int64_t missing, LimitTime at) const;
  std::chrono::milliseconds reset(const Limit& limit, LimitTime at) const;
  double two_counter_sum(const Limit& limit, Monotonic now) const;

  AdmissionLog log_;              // exact
  double level_ = 0;              // gcra
  Monotonic level_at_{};          // gcra
  std::int64_t number_ = -1;      // two_counters, calendar: of the window or period
  std::int64_t sum_ = 0;          // two_counters, calendar: of that one
  std::int64_t previous_ = 0;     // two_counters
  std::unique_ptr<Holds> holds_;  // null: nothing was ever held
  std::int64_t held_units_ = 0;
};

}  // namespace weir::data

// model/resilience/breaker.h: stops asking what does not answer. One for each provider, model and key.
// Without I/O: time comes from the clock that it is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace weir::model {

struct BreakerConfig {
  std::chrono::milliseconds window{10'000};   // over which tries are counted
  std::uint32_t tries_min = 20;               // fewer in the window prove nothing
  std::uint32_t failures_percent = 50;        // of them: opens; so do tries_min failures in a row
  std::chrono::milliseconds open_for{2'000};  // then one probe at a time is let through
  std::uint32_t probes_to_close = 2;          // in a row
  Result<> check() const;
};

enum class BreakerState : std::uint8_t { closed, open, half_open };
std::string_view to_string(BreakerState state);

// Closed: everything passes. Open: nothing does, for open_for. Half-open: one probe at a time, until
// enough have succeeded, or one has failed. Any thread may call.
class Breaker {
 public:
  Breaker(const BreakerConfig& config, const Clock& clock) : config_(config), clock_(clock) {}
  Breaker(const Breaker&) = delete;
  Breaker& operator=(const Breaker&) = delete;

  // The right to one try. What becomes of it is told once; a pass that is destroyed untold (the client
  // went away) says nothing about the provider, and frees a probe's place.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : breaker_(other.breaker_), epoch_(other.epoch_) { other.breaker_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    ~Pass();
    void succeeded();
    bool failed();  // true: that opened the breaker

   private:
    friend class Breaker;
    Pass(Breaker& breaker, std::uint64_t epoch) : breaker_(&breaker), epoch_(epoch) {}
    Breaker* breaker_;
    std::uint64_t epoch_;
  };

  std::optional<Pass> allow();  // nullopt: not now
  void count_late_failure();    // of a try that had been told as a success: its stream was cut
  bool would_allow() const;     // the same without taking the probe's place
  BreakerState state() const;
  std::chrono::nanoseconds closed_for() const;  // until the next probe may pass; 0: now

 private:
  enum class Outcome : std::uint8_t { success, failure, none };
  struct Counts {
    std::uint32_t tries = 0;
    std::uint32_t failures = 0;
  };

  BreakerState state_at(Monotonic now) const;  // with the lock held, as the next
  void count(Outcome outcome, Monotonic now);
  void open(Monotonic now);
  bool end(std::uint64_t epoch, Outcome outcome);  // true: opened

  const BreakerConfig config_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // for a few instructions at a time
  bool is_open_ = false;
  Monotonic opened_at_{};
  Monotonic half_began_at_{};  // of the newer half of the window
  Counts newer_;
  Counts older_;
  std::uint32_t in_row_ = 0;  // failures since the last success
  std::uint64_t epoch_ = 0;   // rises when the state changes, so that late outcomes are told apart
  bool probing_ = false;
  std::uint32_t probes_succeeded_ = 0;
};

}  // namespace weir::model

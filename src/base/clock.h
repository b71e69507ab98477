// base/clock.h: time as a constructor argument. Nobody else calls ::now().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace weir {

// Nanoseconds of a clock that never steps back. Only differences mean something.
using Monotonic = std::chrono::nanoseconds;
// Time since 1970-01-01T00:00:00Z.
using WallTime = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Monotonic monotonic() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  Monotonic monotonic() const override;
  WallTime wall() const override;
};

// A clock that a test moves by hand. Safe to read from other threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = std::chrono::seconds(1'790'000'000)) : now_(start.count()) {}
  Monotonic monotonic() const override { return Monotonic(now_.load()); }
  WallTime wall() const override { return WallTime(now_.load()); }
  void advance(std::chrono::nanoseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace weir

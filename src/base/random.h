// base/random.h: randomness as a constructor argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

namespace weir {

// Safe to call from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;
  std::uint64_t next_u64();
  // Uniform in [0, 1).
  double next_unit();
};

// The kernel's generator (getrandom); fit for keys. Small requests are served from a store of bytes that
// the kernel gave at once; each byte is given out once, and is wiped from the store then.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override;

 private:
  std::mutex mutex_;
  std::array<std::byte, 2'048> store_{};  // guarded by mutex_
  std::size_t left_ = 0;                  // guarded by mutex_; the bytes at the end of store_
};

// splitmix64 from a seed: for tests and simulation, never for secrets. One thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> bytes) override;

 private:
  std::uint64_t state_;
};

}  // namespace weir

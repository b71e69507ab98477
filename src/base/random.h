// base/random.h: randomness as a constructor argument.
#pragma once

#include <cstddef>
#include <cstdint>
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

// The kernel's generator (getrandom); fit for keys.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override;
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

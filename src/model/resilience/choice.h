// model/resilience/choice.h: which of several equals is asked: two at random by weight, and of these the
// one that is less loaded (Mitzenmacher, The Power of Two Choices, 2001), with the price of leaving a warm
// prompt cache counted in.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/random.h"

namespace weir::model {

// What one target does at present. Any thread may call.
class Load {
 public:
  void began() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  void ended() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  // Time to the first token, or to an answer in one piece.
  void answered_after(std::chrono::nanoseconds latency, Monotonic now);
  std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  std::chrono::nanoseconds latency() const {
    return std::chrono::nanoseconds(latency_ns_.load(std::memory_order_relaxed));
  }
  // Seconds that a further request may expect: recent latency times those that share it. What is known of
  // the latency counts half after each ten seconds, so that who was slow once is asked again.
  double expected_s(Monotonic now) const;

 private:
  std::atomic<std::uint32_t> in_flight_{0};
  std::atomic<std::int64_t> latency_ns_{0};  // smoothed; 0: not known
  std::atomic<Monotonic::rep> known_at_{0};
};

// Counts a request in flight as long as it lives.
class LoadGuard {
 public:
  explicit LoadGuard(Load& load) : load_(&load) { load.began(); }
  LoadGuard(LoadGuard&& other) noexcept : load_(other.load_) { other.load_ = nullptr; }
  LoadGuard& operator=(LoadGuard&&) = delete;
  ~LoadGuard() {
    if (load_ != nullptr) load_->ended();
  }

 private:
  Load* load_;
};

struct Candidate {
  double cost = 0;           // seconds: expected time, and what leaving a warm cache costs elsewhere
  std::uint32_t weight = 1;  // at least 1
};

// The index of the one to ask. `warm`: where the session's prompt cache is, which is then always one of
// the two; -1: nowhere. At least one candidate. Asks `random` for nothing when there is no choice.
std::size_t choose(std::span<const Candidate> candidates, int warm, Random& random);

}  // namespace weir::model

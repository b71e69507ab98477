#include "model/resilience/choice.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace weir::model {
namespace {

constexpr std::int64_t kSmoothing = 8;
constexpr double kLatencyMinS = 0.001;  // also of a new target, which is therefore asked soon
constexpr double kHalfLifeS = 10;

// One of them by weight, without `except`.
std::size_t pick(std::span<const Candidate> candidates, std::size_t except, Random& random) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) total += i == except ? 0 : candidates[i].weight;
  std::uint64_t at = random.next_u64() % std::max<std::uint64_t>(total, 1);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == except) continue;
    if (at < candidates[i].weight) return i;
    at -= candidates[i].weight;
  }
  return except == 0 ? 1 : 0;
}

}  // namespace

void Load::answered_after(std::chrono::nanoseconds latency, Monotonic now) {
  const std::int64_t ns = std::max<std::int64_t>(latency.count(), 1);
  const std::int64_t known = latency_ns_.load(std::memory_order_relaxed);
  latency_ns_.store(known == 0 ? ns : known + (ns - known) / kSmoothing, std::memory_order_relaxed);
  known_at_.store(now.count(), std::memory_order_relaxed);
}

double Load::expected_s(Monotonic now) const {
  const double known = static_cast<double>(latency_ns_.load(std::memory_order_relaxed)) * 1e-9;
  const double age_s = static_cast<double>(now.count() - known_at_.load(std::memory_order_relaxed)) * 1e-9;
  const double latency = std::max(known * std::exp2(-std::max(age_s, 0.0) / kHalfLifeS), kLatencyMinS);
  // Models answer in parallel: one more request in flight slows the others by little.
  return latency * (1.0 + 0.1 * in_flight());
}

std::size_t choose(std::span<const Candidate> candidates, int warm, Random& random) {
  WEIR_ASSERT(!candidates.empty());
  if (candidates.size() == 1) return 0;
  const std::size_t first =
      warm >= 0 ? static_cast<std::size_t>(warm) : pick(candidates, candidates.size(), random);
  const std::size_t second = pick(candidates, first, random);
  return candidates[second].cost < candidates[first].cost ? second : first;
}

}  // namespace weir::model

// model/retry.h: how long to wait before the next try. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "net/headers.h"

namespace weir::model {

struct RetryConfig {
  int tries_max = 3;
  std::chrono::milliseconds base{1'000};      // full jitter: rand(0, base · 2ⁿ), AWS Architecture Blog
  std::chrono::milliseconds delay_max{20'000};
  std::chrono::milliseconds retry_after_max{60'000};  // a longer retry-after ends the tries
  Result<> check() const;
};

// What the provider asks for: retry-after-ms, else retry-after in seconds (also with a fraction) or as a
// date (RFC 9110 §10.2.3). Absent, past or unreadable: nullopt.
std::optional<std::chrono::nanoseconds> retry_after(const net::Headers& headers, WallTime now);

// After `tries` failed tries; `asked` is what retry_after() found. nullopt: try no more.
std::optional<std::chrono::nanoseconds> retry_delay(const RetryConfig& config, int tries,
                                                    std::optional<std::chrono::nanoseconds> asked, Random& random);

}  // namespace weir::model

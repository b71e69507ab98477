// data/limits.h: rate limits by an exact sliding log: in any window of the limit's length, at most
// `count` are admitted (two-counter and token-bucket schemes admit nearly twice that in some window).
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/task.h"

namespace weir::data {

struct RateLimit {
  std::uint32_t count = 100;
  std::chrono::seconds window{900};
};

struct RateDecision {
  bool admitted = false;
  std::uint32_t remaining = 0;         // after this request
  std::chrono::milliseconds reset{0};  // until the oldest counted request leaves the window
  std::chrono::milliseconds retry_after{0};  // refused: until the next would be admitted
};

// Decides atomically. Any loop may call. A refused request does not count.
class Limits {
 public:
  virtual ~Limits() = default;
  virtual Task<Result<RateDecision>> admit(std::string_view subject, RateLimit limit) = 0;
};

}  // namespace weir::data

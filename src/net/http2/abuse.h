// net/http2/abuse.h: counts frames that cost the peer little and us something: resets, PINGs, SETTINGS, empty
// frames, window updates that nobody needs, frames that are wrong. Quiet times and whole exchanges make up
// for them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace weir::net::http2 {

constexpr std::chrono::duration<double> kAbuseMemory{10};  // of quiet, in which a full count is forgiven
constexpr std::chrono::duration<double> kAbuseBurst{1};    // frames that are closer together are one burst

class AbuseMeter {
 public:
  explicit AbuseMeter(std::size_t frames_max) : frames_max_(static_cast<double>(frames_max)) {}

  // True when the peer has gone too far.
  bool add(std::size_t frames, Monotonic now) {
    const std::chrono::duration<double> quiet = now - at_;
    at_ = now;
    const double forgiven = std::max(0.0, (quiet - kAbuseBurst) / kAbuseMemory);
    count_ = std::max(0.0, count_ - frames_max_ * forgiven);
    count_ += static_cast<double>(frames);
    return count_ >= frames_max_;
  }
  // The peer has done something useful: a whole exchange.
  void forgive(std::size_t frames) { count_ = std::max(0.0, count_ - static_cast<double>(frames)); }

 private:
  const double frames_max_;
  double count_ = 0;
  Monotonic at_{};
};

}  // namespace weir::net::http2

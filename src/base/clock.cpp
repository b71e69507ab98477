#include "base/clock.h"

namespace weir {

Monotonic SystemClock::monotonic() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}

WallTime SystemClock::wall() const {
  return std::chrono::system_clock::now().time_since_epoch();
}

}  // namespace weir

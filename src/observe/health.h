// observe/health.h: what the health endpoints tell. Checks are measured for real by their owners and
// kept here, so that asking costs nothing.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace weir::observe {

enum class HealthState : std::uint8_t { ok, degraded, failed, not_configured };
std::string_view to_string(HealthState state);

struct HealthCheck {
  std::string name;  // database, anthropic, vector, cache
  HealthState state = HealthState::not_configured;
  std::string detail;     // one sentence; no secret, no address of an inner host
  bool required = false;  // a failed required check turns /readyz and /api/health to 503
  WallTime checked_at{};
};

// Thread-safe.
class Health {
 public:
  explicit Health(const Clock& clock) : clock_(clock), started_at_(clock.monotonic()) {}
  void report(std::string_view name, HealthState state, std::string_view detail, bool required);
  std::vector<HealthCheck> checks() const;
  bool ready() const;  // not draining, and no required check failed
  void start_draining() { draining_ = true; }
  bool draining() const { return draining_; }
  double uptime_s() const;

 private:
  const Clock& clock_;
  Monotonic started_at_;
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;
  std::map<std::string, HealthCheck, std::less<>> checks_;
};

}  // namespace weir::observe

#include "observe/health.h"

#include <algorithm>

#include "base/error.h"

namespace weir::observe {

std::string_view to_string(HealthState state) {
  switch (state) {
    case HealthState::ok: return "ok";
    case HealthState::degraded: return "degraded";
    case HealthState::failed: return "failed";
    case HealthState::not_configured: return "not_configured";
  }
  WEIR_ASSERT(!"a HealthState out of range");
}

void Health::report(std::string_view name, HealthState state, std::string_view detail, bool required) {
  const WallTime now = clock_.wall();
  const std::lock_guard lock(mutex_);
  checks_.insert_or_assign(std::string(name),
                           HealthCheck{std::string(name), state, std::string(detail), required, now});
}

std::vector<HealthCheck> Health::checks() const {
  const std::lock_guard lock(mutex_);
  std::vector<HealthCheck> out;
  out.reserve(checks_.size());
  for (const auto& [name, check] : checks_) out.push_back(check);
  return out;
}

bool Health::ready() const {
  if (draining_) return false;
  const std::lock_guard lock(mutex_);
  return std::ranges::none_of(checks_, [](const auto& entry) {
    return entry.second.required && entry.second.state == HealthState::failed;
  });
}

double Health::uptime_s() const {
  return std::chrono::duration<double>(clock_.monotonic() - started_at_).count();
}

}  // namespace weir::observe

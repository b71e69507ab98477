#include "model/provider_health.h"

namespace weir::model {

using observe::HealthState;

void ProviderHealth::not_configured() {
  health_.report(provider_, HealthState::not_configured, "no API key is configured", false);
}

void ProviderHealth::answering() {
  report(HealthState::ok, "the last call was answered");
}

void ProviderHealth::failing(std::string_view why) {
  report(HealthState::degraded, why);
}

void ProviderHealth::report(HealthState state, std::string_view detail) {
  const Monotonic now = clock_.monotonic();
  const bool changed = state_.exchange(state) != state;
  if (!changed && now - Monotonic(reported_at_.load()) < kReportInterval) return;
  reported_at_.store(now.count());
  health_.report(provider_, state, detail, false);
}

}  // namespace weir::model

// model/provider_health.h: what the calls themselves tell about a provider; no probe ever spends money.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "observe/health.h"

namespace weir::model {

// Any thread may call. A change is reported at once, the same state again at most every kReportInterval.
class ProviderHealth {
 public:
  static constexpr std::chrono::seconds kReportInterval{5};

  ProviderHealth(std::string_view provider, observe::Health& health, const Clock& clock)
      : provider_(provider), health_(health), clock_(clock) {}

  void not_configured();
  void answering();
  void failing(std::string_view why);  // a sentence for people; no secret, no address

 private:
  void report(observe::HealthState state, std::string_view detail);

  const std::string provider_;
  observe::Health& health_;
  const Clock& clock_;
  std::atomic<observe::HealthState> state_{observe::HealthState::not_configured};
  std::atomic<Monotonic::rep> reported_at_{0};
};

}  // namespace weir::model

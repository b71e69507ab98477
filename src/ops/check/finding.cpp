#include "ops/check/finding.h"

#include <array>

namespace weir::ops::check {

std::string_view to_string(Status status) {
  constexpr std::array<std::string_view, 7> kNames{"pass",     "warn",    "fail",   "stale",
                                                   "attested", "skipped", "unknown"};
  return kNames.at(static_cast<std::size_t>(status));
}

std::string_view to_string(Item item) {
  constexpr std::array<std::string_view, 18> kNames{
      "env_secrets",    "rate_limit",    "cors",         "api_keys",          "error_handling",
      "health",         "monitoring",    "backup",       "disaster_recovery", "load_test",
      "security_audit", "documentation", "team_trained", "streaming",         "ledger",
      "retry_storm",    "prompt_cache",  "replicas"};
  return kNames.at(static_cast<std::size_t>(item));
}

}  // namespace weir::ops::check

#include "ops/check/registry.h"

#include <array>

#include "ops/check/families/families.h"

namespace weir::ops::check {

std::span<const Family> families() {
  static const std::array kFamilies{
      kHealth,   // before everything: it says whether anybody is there
      kApiKeys,  // before what is skipped where nobody asks for a key
      kMonitoring,   kCors,
      kErrors,       kSecurityHeaders,
      kTransport,    kDocumentation,
      kStreaming,
      kEnvSecrets,  // after what has asked for pages and provoked errors: it looks through all answers
      kBackup,       kDisasterRecovery,
      kLoadTest,     kTeam,
      kOutsideParts,
      kRateLimit,  // last: a burst locks this address out of everything else
  };
  return kFamilies;
}

std::vector<std::string_view> rule_ids() {
  std::vector<std::string_view> ids;
  for (const Family& family : families()) {
    for (const Rule& rule : family.rules) ids.push_back(rule.id);
  }
  return ids;
}

}  // namespace weir::ops::check

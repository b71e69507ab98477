// ops/check/families/families.h: the families of checks, each in the file of its name.
#pragma once

#include "ops/check/context.h"

namespace weir::ops::check {

extern const Family kApiKeys, kBackup, kCors, kDisasterRecovery, kDocumentation, kEnvSecrets, kErrors,
    kHealth, kLoadTest, kMonitoring, kOutsideParts, kRateLimit, kSecurityHeaders, kStreaming, kTeam,
    kTransport;

}  // namespace weir::ops::check

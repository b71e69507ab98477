// edge/api/health.h: how Weir is, for people, load balancers and orchestrators.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// {"status", "timestamp", "uptime", "memory", "checks"}: 200, or 503 when a required check failed or
// Weir is draining. Reads what the checks' owners have measured; asking costs nothing.
Task<Result<>> get_health(Exchange& exchange, const Api& api);

// The process runs: always 200. An orchestrator restarts what does not answer, so that nothing else
// may be part of it.
Task<Result<>> get_live(Exchange& exchange, const Api& api);

// New requests are welcome: 200 or 503.
Task<Result<>> get_ready(Exchange& exchange, const Api& api);

// The warm-up call of Claude Code: 200.
Task<Result<>> get_hello(Exchange& exchange, const Api& api);

}  // namespace weir::edge

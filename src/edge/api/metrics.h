// edge/api/metrics.h: GET /metrics.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// Prometheus' text exposition format, version 0.0.4. Needs a key when keys are required: figures tell
// a stranger about the business.
Task<Result<>> get_metrics(Exchange& exchange, const Api& api);

}  // namespace weir::edge

// edge/api/check_stream.h: GET /api/check/stream, by which `weir check` sees whether proxies hold streams
// back.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// Six events, 100 ms apart, in the form of every other stream. No model is asked.
Task<Result<>> get_check_stream(Exchange& exchange, const Api& api);

}  // namespace weir::edge

// edge/api/requests.h: what became of a request, and why.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// To the key that made the request, after its answer has ended; 404 to others, and when newer ones have
// pushed it out. What was refused for its key belongs to nobody: keys with the scope "admin" see it.
Task<Result<>> get_request(Exchange& exchange, const Api& api);

}  // namespace weir::edge

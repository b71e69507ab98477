// edge/policies/rate_limit.h: so many requests per window for each client address.
#pragma once

#include <string>

#include "edge/policies/admission.h"

namespace weir::edge {

// Counts the request and announces what is left: RateLimit-Policy and RateLimit
// (draft-ietf-httpapi-ratelimit-headers-11). A store that fails refuses: the limit does not fail open.
Task<Result<>> limit_rate(Exchange& exchange, Admission& admission);

// Whom a request is counted for. An IPv6 client is its /64, which is what one customer is given:
// counted by single addresses, anyone with IPv6 has 2⁶⁴ limits.
std::string rate_subject(const IpAddress& client);

}  // namespace weir::edge

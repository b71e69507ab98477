// edge/policies/cors.h: which web pages may call (Fetch Standard, CORS protocol).
#pragma once

#include "edge/policies/admission.h"

namespace weir::edge {

// Passes callers without an Origin (servers, command lines: the key authenticates them), Weir's own
// page, and the configured origins, which are compared whole. Any other page is refused, whether or
// not its browser would have let it read the answer. Never "*", never credentials: keys travel in
// headers, so no cookie must be allowed.
//
// While no key is required, the name in Host is looked at as well: a page whose own name was made to
// resolve to 127.0.0.1 (DNS rebinding) has the same origin as Weir in the browser's eyes.
Result<> check_origin(Exchange& exchange, Admission& admission);

}  // namespace weir::edge

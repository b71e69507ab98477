// edge/policies/signatures.h: callers who sign their requests as AWS's SDKs do, where a key is configured for
// it.
//
// A signature proves a secret that Weir must know in clear, which the keys of `weir keys` and VALID_API_KEYS
// are not: those are kept as hashes, and come as Bearer (AWS_BEARER_TOKEN_BEDROCK). So signing keys have a
// setting of their own. The body is part of what is signed, so that the proof follows when it has been read.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "edge/edge.h"
#include "edge/exchange.h"

namespace weir::edge {

// The head's part: notes on the exchange whose signature it claims to be. False: it is not signed.
// unauthenticated: by a key that is not configured. Only for routes whose handler calls prove_signature.
Result<bool> claim_signature(Exchange& exchange, const EdgeConfig& config);

// The body's part; the exchange's principal is known after it. Does nothing for an exchange that claims none.
Result<> prove_signature(Exchange& exchange, const EdgeConfig& config, std::string_view body, WallTime now);

}  // namespace weir::edge

// edge/api/messages.h: Anthropic's Messages API, passed through.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// The body reaches the provider byte for byte, the answer the client; `model` and `stream` are only
// read. A file of another key's is not_found. Errors of Weir's own have Anthropic's envelope; the provider's
// go through as they are.
Task<Result<>> post_messages(Exchange& exchange, const Api& api);

// The same for /v1/messages/count_tokens, which is free of charge and leaves no ledger row.
Task<Result<>> post_count_tokens(Exchange& exchange, const Api& api);

}  // namespace weir::edge

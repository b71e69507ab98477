// edge/api/chat.h: POST /api/chat.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// A question in, an answer out: one object, server-sent events, or the AI SDK's UI message stream.
Task<Result<>> post_chat(Exchange& exchange, const Api& api);

}  // namespace weir::edge

// edge/api/openai.h: OpenAI's APIs, passed through to who speaks them, translated for who does not.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// A provider that speaks the dialect gets the body byte for byte; for Claude the gateway translates both
// ways (docs/openai_api.md). All errors have OpenAI's envelope.
Task<Result<>> post_chat_completions(Exchange& exchange, const Api& api);
Task<Result<>> post_responses(Exchange& exchange, const Api& api);
// Only where a provider speaks it: Claude has no embeddings.
Task<Result<>> post_embeddings(Exchange& exchange, const Api& api);

}  // namespace weir::edge

// edge/api/openai_whole.h: what OpenAI's API has beside answers of a chat, and Weir does not look into:
// speech, transcriptions, images, moderations, completions, counts of tokens. Nothing of it is kept by the
// provider, so that no id of it can be another key's.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// Byte for byte to a provider that speaks OpenAI's API, whatever the body's type; not metered.
// invalid_request when there is none.
Task<Result<>> post_openai_whole(Exchange& exchange, const Api& api);

}  // namespace weir::edge

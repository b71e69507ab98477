// model/providers/classify.h: what the official SDKs of Anthropic and OpenAI try again.
#pragma once

#include "model/providers/provider.h"
#include "net/headers.h"

namespace weir::model {

// 408, 409, 429 and 5xx are worth another try; x-should-retry overrules.
Verdict classify_as_sdks_do(int status, const net::Headers& headers);

}  // namespace weir::model

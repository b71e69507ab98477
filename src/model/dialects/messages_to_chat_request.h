// model/dialects/messages_to_chat_request.h: a request to Anthropic's Messages API as one to OpenAI's chat
// completions. Facts: message_create_params.py of anthropic 2.12, completion_create_params.py of openai 3.54.
#pragma once

#include <string_view>

#include "model/dialects/dialect.h"

namespace weir::model {

// Refused by name: server tools, mcp_servers, container and whatever else would change the answer without
// the client's knowledge; also every field that is not known here. Thinking of earlier turns is removed: it
// is bound to the model that thought it. A streamed answer always tells its usage, so that it can be billed.
// An image in a tool's result, which chat completions do not know, follows in a user message.
Result<TranslatedRequest> messages_to_chat(std::string_view body, const RequestOptions& options);

}  // namespace weir::model

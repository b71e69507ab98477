// model/dialects/messages_to_chat_reply.h: answers of the Messages API as Chat Completions.
//
// Text becomes content, thinking reasoning_content (the name that DeepSeek, vLLM and others gave it; never
// mixed into content), client tools tool_calls. Citations, server tools and compactions have no
// counterpart and are left out; a translated request cannot ask for them.
#pragma once

#include <memory>

#include "model/dialects/dialect.h"

namespace weir::model {

// The id is "chatcmpl-" and the provider's. A stream ends with its finish_reason, the usage (where asked
// for) and [DONE], or with one {"error":…} and nothing after it.
std::unique_ptr<ReplyTranslator> messages_to_chat(ReplyOptions options);

}  // namespace weir::model

// model/dialects/chat_to_messages_request.h: Chat Completions requests (OpenAI) as Messages requests.
#pragma once

#include <span>
#include <string_view>

#include "model/dialects/dialect.h"
#include "model/dialects/inbound_request.h"

namespace weir::model {

// A TranslateRequest. Refuses what Claude cannot do and every field that it does not know, by name;
// docs/openai_api.md has the whole list.
Result<TranslatedRequest> chat_to_messages(std::string_view body, const RequestOptions& options);

// Every top-level field that is known, by name.
std::span<const inbound::FieldRule> chat_request_fields();

}  // namespace weir::model

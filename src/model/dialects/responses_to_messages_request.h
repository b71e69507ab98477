// model/dialects/responses_to_messages_request.h: Responses requests (OpenAI) as Messages requests.
#pragma once

#include <span>
#include <string_view>

#include "model/dialects/dialect.h"
#include "model/dialects/inbound_request.h"

namespace weir::model {

// A TranslateRequest, with an echo. Nothing is stored, so that what needs a stored answer is refused by
// name, as are the built-in tools; docs/openai_api.md has the whole list.
Result<TranslatedRequest> responses_to_messages(std::string_view body, const RequestOptions& options);

// Every top-level field that is known, by name.
std::span<const inbound::FieldRule> responses_request_fields();

}  // namespace weir::model

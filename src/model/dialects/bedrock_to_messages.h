// model/dialects/bedrock_to_messages.h: Bedrock's InvokeModel of a Claude, asked of who speaks the Messages
// API. The model and whether it streams stand in the path; the bodies are nearly the same. Pure.
#pragma once

#include <memory>

#include "model/dialects/dialect.h"

namespace weir::model {

// invalid_request (field anthropic_version): the body is of another model's API.
Result<TranslatedRequest> bedrock_to_messages(std::string_view body, const RequestOptions& options);
// Messages answers as InvokeModel's: whole ones as they are, events in Amazon's frames.
std::unique_ptr<ReplyTranslator> messages_to_bedrock(ReplyOptions options);

}  // namespace weir::model

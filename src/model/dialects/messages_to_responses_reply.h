// model/dialects/messages_to_responses_reply.h: answers of the Messages API as OpenAI's Responses.
//
// Text becomes message items (texts that follow each other are one), thinking reasoning items whose
// encrypted_content brings Claude's signature back with the next request, client tools function_call
// items. Citations, server tools and compactions have no counterpart that a translated request could ask
// for and are left out.
#pragma once

#include <memory>

#include "model/dialects/dialect.h"

namespace weir::model {

// The id is "resp_" and the provider's. A stream ends with response.completed or .incomplete, or with
// error and response.failed.
std::unique_ptr<ReplyTranslator> messages_to_responses(ReplyOptions options);

}  // namespace weir::model

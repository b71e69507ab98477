// model/dialects/inbound_responses_input.h: the input of a Responses request.
#pragma once

#include "model/dialects/inbound_request.h"

namespace weir::model::inbound {

// Adds it, a text or a list of items, to request.conversation. Refuses by the place in the body:
// "input[2].content[0].type".
Result<> read_responses_input(const json::value& input, MessagesRequest& request);

}  // namespace weir::model::inbound

// model/dialects/inbound_chat_messages.h: the messages array of a Chat Completions request.
#pragma once

#include "model/dialects/inbound_request.h"

namespace weir::model::inbound {

// Adds them to request.conversation. Refuses by the place in the body: "messages[2].content[0].type".
Result<> read_chat_messages(const json::array& messages, MessagesRequest& request);

}  // namespace weir::model::inbound

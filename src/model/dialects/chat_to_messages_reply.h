// model/dialects/chat_to_messages_reply.h: an answer of OpenAI's chat completions as Anthropic's Messages
// API would have given it. Facts: types/chat of openai 3.54, types of anthropic 2.12, recorded streams.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "model/dialects/dialect.h"

namespace weir::model {

// Text and tool calls are kept to the byte. Not handed on: the reasoning of models that show it, which
// lacks the signature that Messages demands of thinking (the client gets pings meanwhile, so that it does
// not give up), logprobs, annotations, and every choice but the first.
// The usage of a stream is known at its end: message_start counts 0, message_delta tells all of it.
std::unique_ptr<ReplyTranslator> chat_to_messages_reply(ReplyOptions options);

// "rate_limit_error" for 429 and so on: the type that Anthropic's envelope has with a status.
std::string_view messages_error_type(int status);

}  // namespace weir::model

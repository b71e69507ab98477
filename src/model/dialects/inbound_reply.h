// model/dialects/inbound_reply.h: what both of OpenAI's answers share: errors, ids, names of things.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "model/dialects/inbound_events.h"

namespace weir::model::inbound {

// An error as OpenAI's APIs report it; an empty code or param is null.
struct OpenAiError {
  std::string message;
  std::string_view type;
  std::string_view code;
};

// anthropic_type: "overloaded_error"…; an unknown one is told by its status (0: in a stream).
OpenAiError openai_error(int status, std::string_view anthropic_type, std::string message);
// Any body of an error answer; one that is no JSON is its own message.
OpenAiError openai_error_of(int status, std::string_view body);
// {"error":{…}}
void append_error(std::string& out, const OpenAiError& error);
// Of a stream that does not end as it should; detail may be empty.
OpenAiError broken_stream(std::string_view detail);

// "default", "priority"…; empty: the message does not tell.
std::string_view openai_service_tier(std::string_view anthropic_tier);
// What the refusing model said, or a sentence of ours where it said nothing.
std::string_view refusal_text(const MessageFacts& message);

// The body of a whole answer as a document. upstream_failed: it is no message.
Result<json::value> parse_message(std::string_view body);
MessageFacts facts_of(const json::value& message);

}  // namespace weir::model::inbound

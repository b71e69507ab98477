// edge/api/chat_request.h: the body of POST /api/chat, understood and checked. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "app/chat/chat.h"
#include "base/error.h"
#include "base/json.h"

namespace weir::edge {

enum class ChatReply : std::uint8_t {
  json,       // one object
  events,     // server-sent events: sources, text, citation, done, error
  ui_stream,  // the AI SDK's UI message stream, version 1
};

struct ChatRequest {
  app::ChatQuestion question;  // tenant and attribution are the caller's to set
  ChatReply reply = ChatReply::json;
  std::string
      chat_id;  // the AI SDK's name for the conversation, by which its stream is resumed; may be empty
};

// {"message": "…", "history"?: [{"role": "user"|"assistant", "text": "…"}], "stream"?: bool}, or the
// AI SDK's {"id"?, "messages": [{"role", "parts": [{"type": "text", "text"}]}]}, of which the last one is
// the question. invalid_request names the field. chars_max: code points of the question.
Result<ChatRequest> read_chat_request(const json::object& body, std::string_view accept,
                                      std::size_t chars_max);

}  // namespace weir::edge

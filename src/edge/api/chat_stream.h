// edge/api/chat_stream.h: the two ways in which an answer is streamed while it grows.
#pragma once

#include <memory>

#include "app/chat/chat.h"
#include "base/clock.h"
#include "edge/api/chat_request.h"
#include "edge/api/event_stream.h"
#include "net/headers.h"

namespace weir::edge {

// Lives as long as one answer. Nothing leaves before the sources are known, so that an earlier
// failure is answered with a status of its own.
class ChatStream : public app::ChatSink {
 public:
  virtual bool started() const = 0;
  virtual Task<Result<>> on_done(const app::ChatAnswer& answer) = 0;
  // Ends a stream that has begun, in the stream's own terms.
  virtual Task<Result<>> on_failure(const Error& error) = 0;
};

// reply: events or ui_stream.
std::unique_ptr<ChatStream> make_chat_stream(ChatReply reply, std::string request_id, const Clock& clock,
                                             FrameSink& frames);

// The fields that its answer begins with.
net::Headers chat_stream_fields(ChatReply reply);

}  // namespace weir::edge

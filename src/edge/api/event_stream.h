// edge/api/event_stream.h: a streamed answer in server-sent events.
#pragma once

#include <string_view>

#include "edge/exchange.h"
#include "net/http.h"

namespace weir::edge {

// The fields that keep proxies, compressors and caches from holding a stream back: measured through
// nginx and Next.js, which otherwise deliver everything in one block at the end.
void add_stream_fields(net::Headers& headers);

// Begins the answer with the first event, so that an error before it still has a status of its own.
class EventStream {
 public:
  explicit EventStream(Exchange& exchange) : exchange_(exchange) {}
  // The answer's head; add to it before the first send.
  net::Headers& headers() { return head_.headers; }
  // Whole frames, each ended by an empty line.
  Task<Result<>> send(std::string frames);
  bool started() const { return started_; }

 private:
  Exchange& exchange_;
  net::ResponseHead head_;
  bool started_ = false;
};

}  // namespace weir::edge

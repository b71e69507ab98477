// edge/api/event_stream.h: a streamed answer in server-sent events.
#pragma once

#include <string_view>

#include "edge/exchange.h"
#include "net/http.h"

namespace weir::edge {

// The fields that keep proxies, compressors and caches from holding a stream back: measured through
// nginx and Next.js, which otherwise deliver everything in one block at the end.
void add_stream_fields(net::Headers& headers);

// Where the frames of a streamed answer go.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Whole frames, each ended by an empty line.
  virtual Task<Result<>> send(std::string frames) = 0;
  virtual bool started() const = 0;  // something has been sent
};

// To the client. Begins the answer with the first event, so that an error before it still has a status of
// its own.
class EventStream final : public FrameSink {
 public:
  EventStream(Exchange& exchange, net::Headers headers) : exchange_(exchange) {
    head_.headers = std::move(headers);
  }
  Task<Result<>> send(std::string frames) override;
  bool started() const override { return started_; }

 private:
  Exchange& exchange_;
  net::ResponseHead head_;
  bool started_ = false;
};

}  // namespace weir::edge

// model/reply.h: an answer on its way to the client, metered as it passes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/call.h"
#include "model/call_record.h"
#include "net/http_client.h"

namespace weir::model {

// The beginning of a body that was read before the client got any of it.
struct HeldBytes {
  std::string text;
  bool ended = false;            // the body ended within it
  std::optional<Error> failure;  // or broke
};

// An event of a Messages stream up to this size goes out when it is complete: a client that gets the
// half of one, and then the stream's end, cannot tell it from a whole one.
constexpr std::size_t kOpenEventSizeMax = 1024 * 1024;

class MeteredReply final : public UpstreamReply {
 public:
  // `record` has been fed the held bytes. Reading after `deadline` fails with timed_out.
  MeteredReply(std::unique_ptr<net::ClientResponse> response, HeldBytes held,
               std::unique_ptr<CallRecord> record, const Clock& clock, Monotonic deadline);

  int status() const override { return response_->status(); }
  const net::Headers& headers() const override { return headers_; }
  std::int64_t content_length() const override { return content_length_; }
  bool is_event_stream() const override { return is_event_stream_; }
  int tries() const override { return record_->tries(); }
  std::chrono::nanoseconds upstream_wait() const override { return record_->waited(); }
  // A Messages stream is given event by event; without its last one it is completed by an `event: error`
  // in place of the event that was cut. Every other body that breaks off fails.
  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<std::string_view>> read_piece();
  std::string_view complete_events(std::string_view piece);
  Result<std::string_view> end(std::optional<Error> failure);

  const std::unique_ptr<net::ClientResponse> response_;
  HeldBytes held_;
  const std::unique_ptr<CallRecord> record_;
  const Clock& clock_;
  const Monotonic deadline_;
  const net::Headers headers_;
  const bool is_event_stream_;
  const bool is_message_stream_;  // ends with message_stop or error, and can be read
  std::int64_t content_length_ = -1;
  std::string open_event_;        // its bytes so far
  std::string given_;             // what read() has returned, when it is no piece of the provider's
  std::optional<Error> failure_;  // what every further read answers
  bool held_given_ = false;
  bool ended_ = false;
};

bool is_event_stream(const net::Headers& headers);
// How much of an answer with these fields the meter understands.
MeterKind meter_kind(const net::Headers& headers);

}  // namespace weir::model

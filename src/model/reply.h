// model/reply.h: an answer on its way to the client, metered as it passes, translated where caller and
// provider speak different dialects.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "model/call.h"
#include "model/call_record.h"
#include "model/dialects/dialect.h"
#include "model/upstream.h"
#include "net/http_client.h"
#include "net/idle_reader.h"
#include "observe/log.h"

namespace weir::model {

// The beginning of a body that was read before the client got any of it.
struct HeldBytes {
  std::string text;
  bool ended = false;            // the body ended within it
  std::optional<Error> failure;  // or broke
};

// An answer whose head, and of a stream the first event, has come.
struct OpenedAnswer {
  std::unique_ptr<net::ClientResponse> response;
  HeldBytes held;
  std::unique_ptr<ReplyTranslator> translator;  // null: the bytes go on as they are
  std::optional<Occupancy> occupancy;           // until the answer has ended
};

struct ReplySettings {
  Dialect dialect = Dialect::messages;            // the caller's
  Monotonic deadline{};                           // reading after it fails with timed_out
  std::size_t whole_size_max = 32 * 1024 * 1024;  // of an answer in one piece that must be translated
  std::chrono::milliseconds ping_interval{0};     // of silence, after which the client gets a ping; 0: none
  observe::Log* log = nullptr;                    // null: nobody reads of answers that break off
};

// An event of a stream up to this size goes out when it is complete: a client that gets the half of one,
// and then the stream's end, cannot tell it from a whole one.
constexpr std::size_t kOpenEventSizeMax = 1024 * 1024;

class MeteredReply final : public UpstreamReply {
 public:
  // `record` has been fed the held bytes.
  MeteredReply(OpenedAnswer answer, std::unique_ptr<CallRecord> record, const Clock& clock,
               ReplySettings settings);

  int status() const override { return status_; }
  const net::Headers& headers() const override { return headers_; }
  net::Headers take_headers() override { return std::exchange(headers_, net::Headers()); }
  std::int64_t content_length() const override { return content_length_; }
  bool is_event_stream() const override { return is_event_stream_; }
  bool translated() const override { return translator_ != nullptr; }
  int tries() const override { return record_->tries(); }
  std::string_view provider() const override { return record_->provider(); }
  std::chrono::nanoseconds upstream_wait() const override { return record_->waited(); }
  // A stream is given event by event; without its last one it is completed by an error event of the
  // caller's dialect, in place of the event that was cut. Every other body that breaks off fails.
  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<std::string_view>> read_untouched();
  Task<Result<std::string_view>> read_translated_stream();
  Task<Result<std::string_view>> read_translated_whole();
  // Of the provider; the held one first. Without a value: nothing has come for a while.
  Task<std::optional<Result<std::string_view>>> next_piece();
  Task<std::optional<Result<std::string_view>>> read_piece();
  std::string_view complete_events(std::string_view piece);
  bool client_at_boundary() const;
  bool ping();  // false: not now
  Result<std::string_view> end(std::optional<Error> failure);
  Result<std::string_view> break_off(Error failure);
  void close(std::string_view error_type);  // empty: as the provider meant it to end

  std::unique_ptr<net::ClientResponse> response_;  // null: idle_ has it
  std::optional<net::IdleReader> idle_;            // where the client is to be kept awake
  HeldBytes held_;
  std::optional<Occupancy> occupancy_;
  const std::unique_ptr<ReplyTranslator> translator_;
  const std::unique_ptr<CallRecord> record_;
  const Clock& clock_;
  const ReplySettings settings_;
  const int status_;
  const bool is_stream_;         // of a kind whose end the meter recognises
  std::int64_t content_length_;  // as declared, or -1
  net::Headers headers_;
  const bool is_event_stream_;
  std::string open_event_;        // its bytes so far
  std::string out_;               // what read() has returned, when it is no piece of the provider's
  std::optional<Error> failure_;  // what every further read answers
  bool held_given_ = false;
  bool ended_ = false;
};

}  // namespace weir::model

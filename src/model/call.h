// model/call.h: one call to a model and its answer, bytes untouched both ways unless the provider speaks
// another dialect than the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/call_facts.h"
#include "model/dialects/dialect.h"
#include "net/headers.h"
#include "net/http.h"

namespace weir::model {

// What the head of an answer tells of the calls behind it. Views live as long as the gateway.
struct CallSummary {
  std::string_view route;     // "default" when no route decided
  std::string_view provider;  // asked last; empty: none was
  std::string model;          // as that provider was asked
  int tries = 0;
  std::chrono::nanoseconds waited{};   // for providers: all of the following, and the pauses between tries
  std::chrono::nanoseconds queued{};   // of it in queues
  std::chrono::nanoseconds connect{};  // of it for connections
};

// Whom the call is for: goes into the ledger row and the logs, never upstream.
struct Attribution {
  std::string request_id;
  std::string tenant;
  std::string key_id;
  std::string route;  // "POST /v1/messages"
  WallTime arrived_at{};
  // Filled in when Gateway::open() returns, whatever it returns; null: nobody asks. Shared, because a call
  // for a resumable stream may begin when the request that wanted it has gone.
  std::shared_ptr<CallSummary> summary;
};

enum class Priority : std::uint8_t { low, normal, high };  // in a queue before an upstream

// The body is forwarded byte for byte where caller and provider speak the same dialect; `model`, `stream`
// and `facts` were only read out of it.
struct UpstreamCall {
  std::string method = "POST";
  std::string target = "/v1/messages";  // path and query as the client sent them
  Dialect dialect = Dialect::messages;  // of the body, and of the answer that the caller expects
  net::Headers headers;                 // the client's; providers drop credentials and hop-by-hop fields
  std::string body;
  // Instead of `body`: passed on as it arrives, so that there is one try only. Outlives Gateway::open.
  net::BodyReader* upload = nullptr;
  std::int64_t upload_size = -1;  // -1: unknown
  std::string model;
  bool stream = false;
  bool include_usage = false;  // OpenAI's stream_options.include_usage
  bool metered = true;         // false: /v1/models and the like leave no ledger row
  CallFacts facts;
  Priority priority = Priority::normal;
  std::string provider;  // only this one, by its configured name; empty: as routes say
  Attribution who;
};

// The answer as the provider gave it, or translated into the caller's dialect. Its body is metered in
// passing. Destroying it early aborts the upstream call at once and records what was produced.
class UpstreamReply : public net::BodyReader {
 public:
  virtual int status() const = 0;
  // End-to-end fields as received (request-id, anthropic-ratelimit-*, retry-after…); no hop-by-hop
  // fields, no content-length for streams.
  virtual const net::Headers& headers() const = 0;
  virtual net::Headers take_headers() { return headers(); }  // once: headers() may be empty afterwards
  virtual std::int64_t content_length() const = 0;           // -1: unknown
  virtual bool is_event_stream() const = 0;
  virtual bool translated() const { return false; }  // out of another dialect than the caller's
  virtual int tries() const = 0;
  virtual std::string_view provider() const = 0;               // which one answered, by its configured name
  virtual std::chrono::nanoseconds upstream_wait() const = 0;  // spent waiting for the provider so far
};

}  // namespace weir::model

// model/call.h: one call to a model and its answer, bytes untouched both ways.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/headers.h"
#include "net/http.h"

namespace weir::model {

// Whom the call is for: goes into the ledger row and the logs, never upstream.
struct Attribution {
  std::string request_id;
  std::string tenant;
  std::string key_id;
  std::string route;  // "POST /v1/messages"
  WallTime arrived_at{};
};

// The body is forwarded byte for byte; `model` and `stream` were only read out of it.
struct UpstreamCall {
  std::string method = "POST";
  std::string target = "/v1/messages";  // path and query as the client sent them
  net::Headers headers;                 // the client's; providers drop credentials and hop-by-hop fields
  std::string body;
  std::string model;
  bool stream = false;
  bool metered = true;                  // false: /v1/models and the like leave no ledger row
  Attribution who;
};

// The answer as the provider gave it. Its body is metered in passing. Destroying it early aborts the
// upstream call at once and records what was produced.
class UpstreamReply : public net::BodyReader {
 public:
  virtual int status() const = 0;
  // End-to-end fields as received (request-id, anthropic-ratelimit-*, retry-after…); no hop-by-hop
  // fields, no content-length for streams.
  virtual const net::Headers& headers() const = 0;
  virtual std::int64_t content_length() const = 0;  // -1: unknown
  virtual bool is_event_stream() const = 0;
  virtual int tries() const = 0;
  virtual std::chrono::nanoseconds upstream_wait() const = 0;  // spent waiting for the provider so far
};

}  // namespace weir::model

// model/call.h: one call to a model and its answer, bytes untouched both ways unless the provider speaks
// another dialect than the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "model/call_facts.h"
#include "model/dialects/dialect.h"
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

enum class Priority : std::uint8_t { low, normal, high };  // in a queue before an upstream

// The body is forwarded byte for byte where caller and provider speak the same dialect; `model`, `stream`
// and `facts` were only read out of it.
struct UpstreamCall {
  std::string method = "POST";
  std::string target = "/v1/messages";  // path and query as the client sent them
  Dialect dialect = Dialect::messages;  // of the body, and of the answer that the caller expects
  net::Headers headers;                 // the client's; providers drop credentials and hop-by-hop fields
  std::string body;
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
  virtual std::int64_t content_length() const = 0;  // -1: unknown
  virtual bool is_event_stream() const = 0;
  virtual bool translated() const { return false; }  // out of another dialect than the caller's
  virtual int tries() const = 0;
  virtual std::chrono::nanoseconds upstream_wait() const = 0;  // spent waiting for the provider so far
};

}  // namespace weir::model

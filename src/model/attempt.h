// model/attempt.h: one request to one provider, and what came of it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "model/call_record.h"
#include "model/outbound.h"
#include "model/providers/provider.h"
#include "model/reply.h"
#include "net/http_client.h"

namespace weir::model {

struct Attempt {
  OpenedAnswer answer;  // without a response: failure says why
  std::optional<Error> failure;
  Verdict verdict = Verdict::final;
  std::optional<std::chrono::nanoseconds> asked_wait;  // retry-after
  std::string error_type;                              // of an error as the first event
  std::string problem;                                 // for the log; empty: none

  int status() const { return answer.response == nullptr ? 0 : answer.response->status(); }
};

struct AttemptLimits {
  net::ClientTimeouts timeouts;
  std::size_t held_size_max = 64 * 1024;
};

// Sends, waits for the head and, of a stream, for its first event: an error there is as good as a status.
// `record` has begun the try. Cancelled at any point, the request is aborted.
Task<Attempt> try_once(net::HttpClient& client, const Clock& clock, Provider& provider,
                       const Outbound& outbound, CallRecord& record, const AttemptLimits& limits);

}  // namespace weir::model

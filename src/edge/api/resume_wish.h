// edge/api/resume_wish.h: what a request asks of a stream that may have to outlive its connection.
#pragma once

#include <chrono>
#include <optional>

#include "base/error.h"
#include "edge/exchange.h"

namespace weir::edge {

struct ResumeConfig {
  std::chrono::milliseconds grace{0};              // of requests that ask for nothing; 0: not resumable
  std::chrono::milliseconds resume_grace{30'000};  // of those that ask, and name none
  std::chrono::milliseconds grace_max{600'000};    // no request gets more
};

struct ResumeWish {
  std::chrono::milliseconds grace{};  // more than 0: how long it goes on while nobody reads
  bool ids = false;                   // each event gets an `id:` line; else the bytes stay as they are
};

// x-weir-grace (a whole number and ms, s or m; 0: not resumable) and x-weir-resume (true or false); then
// the configured grace. nullopt: the stream ends with its connection. invalid_request names the field.
Result<std::optional<ResumeWish>> read_resume_wish(const Exchange& exchange, const ResumeConfig& config);

// Behind which event to go on: Last-Event-ID, or `after` of the query, else 0.
Result<std::uint64_t> read_last_event(const Exchange& exchange);

}  // namespace weir::edge

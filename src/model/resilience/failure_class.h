// model/resilience/failure_class.h: what kind of failure a try met, and what may be done about it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace weir::model {

enum class FailureClass : std::uint8_t {
  none,         // an answer
  request,      // the request is at fault: 400, 413, 422… It would fail anywhere
  credentials,  // 401, 403: Weir's key is refused here
  missing,      // 404: this provider does not have the model
  rate_limit,   // 429
  server,       // 5xx, 408, 409, an error as the first event, a broken answer
  timeout,      // nothing came in time
  connect,      // no connection, or it broke
  not_ready,    // Weir could not make the request: no credential to be had
  cancelled,    // the caller went away
};

std::string_view to_string(FailureClass failure);

// status 0: there was no answer, and `code` says why.
FailureClass failure_class(int status, Code code);
// Another provider or model may do better.
bool fails_over(FailureClass failure);
// It tells that the upstream is ill: counts for its breaker.
bool trips_breaker(FailureClass failure);
// It tells nothing about the upstream's health, and yet that the next call had better go elsewhere for a
// while.
bool cools(FailureClass failure);
// It tells that the upstream has too much to do: lowers its limit.
bool shows_overload(FailureClass failure, int status);

}  // namespace weir::model

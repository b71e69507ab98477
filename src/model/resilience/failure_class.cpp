#include "model/resilience/failure_class.h"

namespace weir::model {

std::string_view to_string(FailureClass failure) {
  switch (failure) {
    case FailureClass::none: return "none";
    case FailureClass::request: return "request";
    case FailureClass::credentials: return "credentials";
    case FailureClass::missing: return "missing";
    case FailureClass::rate_limit: return "rate_limit";
    case FailureClass::server: return "server";
    case FailureClass::timeout: return "timeout";
    case FailureClass::connect: return "connect";
    case FailureClass::not_ready: return "not_ready";
    case FailureClass::cancelled: return "cancelled";
  }
  return "none";
}

FailureClass failure_class(int status, Code code) {
  if (status == 0) {
    switch (code) {
      case Code::cancelled: return FailureClass::cancelled;
      case Code::timed_out: return FailureClass::timeout;
      case Code::unavailable: return FailureClass::not_ready;
      case Code::invalid_request:
      case Code::not_found:
      case Code::too_large:
      case Code::request_timeout: return FailureClass::request;  // of a body that was being passed on
      default: return FailureClass::connect;
    }
  }
  if (status < 300) return FailureClass::none;
  if (status == 401 || status == 403) return FailureClass::credentials;
  if (status == 404) return FailureClass::missing;
  if (status == 429) return FailureClass::rate_limit;
  // A 424 is how AWS says that the model failed.
  if (status >= 500 || status == 408 || status == 409 || status == 424) return FailureClass::server;
  return FailureClass::request;
}

bool fails_over(FailureClass failure) {
  switch (failure) {
    case FailureClass::credentials:
    case FailureClass::missing:
    case FailureClass::rate_limit:
    case FailureClass::server:
    case FailureClass::timeout:
    case FailureClass::connect:
    case FailureClass::not_ready: return true;
    case FailureClass::none:
    case FailureClass::request:
    case FailureClass::cancelled: return false;
  }
  return false;
}

bool trips_breaker(FailureClass failure) {
  return failure == FailureClass::server || failure == FailureClass::timeout ||
         failure == FailureClass::connect || failure == FailureClass::not_ready;
}

bool cools(FailureClass failure) {
  return failure == FailureClass::credentials || failure == FailureClass::missing ||
         failure == FailureClass::rate_limit || failure == FailureClass::not_ready;
}

bool shows_overload(FailureClass failure, int status) {
  return failure == FailureClass::rate_limit || failure == FailureClass::timeout || status == 503 ||
         status == 529;
}

}  // namespace weir::model

#include "edge/cloud_errors.h"

#include "base/json.h"

namespace weir::edge {
namespace {

std::string full_message(const Error& error) {
  return error.hint.empty() ? error.message : error.message + ": " + error.hint;
}

}  // namespace

std::string_view aws_exception_of(Code code) {
  switch (code) {
    case Code::unauthenticated: return "UnrecognizedClientException";
    case Code::permission_denied: return "AccessDeniedException";
    case Code::not_found:
    case Code::gone: return "ResourceNotFoundException";
    case Code::method_not_allowed: return "UnknownOperationException";
    case Code::conflict: return "ConflictException";
    case Code::rate_limited: return "ThrottlingException";
    case Code::overloaded:
    case Code::unavailable: return "ServiceUnavailableException";
    case Code::request_timeout:
    case Code::timed_out: return "ModelTimeoutException";
    case Code::upstream_failed: return "ModelErrorException";
    case Code::internal: return "InternalServerException";
    case Code::invalid_request:
    case Code::too_large:
    case Code::unsupported_media_type:
    case Code::cancelled: return "ValidationException";
  }
  return "InternalServerException";
}

std::string aws_body(const Error& error) {
  std::string out = "{\"message\":";
  append_json_string(out, full_message(error));
  return out + "}";
}

std::string_view google_status_of(Code code) {
  switch (code) {
    case Code::unauthenticated: return "UNAUTHENTICATED";
    case Code::permission_denied: return "PERMISSION_DENIED";
    case Code::not_found:
    case Code::gone: return "NOT_FOUND";
    case Code::method_not_allowed: return "UNIMPLEMENTED";
    case Code::conflict: return "ABORTED";
    case Code::rate_limited: return "RESOURCE_EXHAUSTED";
    case Code::overloaded:
    case Code::unavailable:
    case Code::upstream_failed: return "UNAVAILABLE";
    case Code::request_timeout:
    case Code::timed_out: return "DEADLINE_EXCEEDED";
    case Code::internal: return "INTERNAL";
    case Code::invalid_request:
    case Code::too_large:
    case Code::unsupported_media_type: return "INVALID_ARGUMENT";
    case Code::cancelled: return "CANCELLED";
  }
  return "INTERNAL";
}

std::string google_body(const Error& error, int status) {
  std::string out = "{\"error\":{\"code\":" + std::to_string(status) + ",\"message\":";
  append_json_string(out, full_message(error));
  out += ",\"status\":";
  append_json_string(out, google_status_of(error.code));
  return out + "}}";
}

}  // namespace weir::edge

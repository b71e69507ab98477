#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace weir {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_request: return "invalid_request";
    case Code::unauthenticated: return "unauthenticated";
    case Code::permission_denied: return "permission_denied";
    case Code::not_found: return "not_found";
    case Code::method_not_allowed: return "method_not_allowed";
    case Code::conflict: return "conflict";
    case Code::gone: return "gone";
    case Code::too_large: return "too_large";
    case Code::unsupported_media_type: return "unsupported_media_type";
    case Code::rate_limited: return "rate_limited";
    case Code::overloaded: return "overloaded";
    case Code::unavailable: return "unavailable";
    case Code::upstream_failed: return "upstream_failed";
    case Code::timed_out: return "timed_out";
    case Code::request_timeout: return "request_timeout";
    case Code::cancelled: return "cancelled";
    case Code::internal: return "internal";
  }
  return "internal";
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "weir: broken promise: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace weir

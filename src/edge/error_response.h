// edge/error_response.h: an Error as the client sees it, in the manners of the API that it called.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "edge/exchange.h"
#include "net/http.h"

namespace weir::edge {

int status_of(Code code);

// Anthropic's error type for a code (Claude API, "Errors").
std::string_view anthropic_type_of(Code code);

// OpenAI's type and code, as its clients branch on them (docs/openai_api.md, "Errors").
struct OpenAiError {
  std::string_view type, code;  // an empty code goes out as null
};
OpenAiError openai_error_of(Code code);

// Whether a client gains by sending the same request again; goes out as x-should-retry, which
// Anthropic's and OpenAI's SDKs obey before they look at the status.
bool should_retry(const Error& error);

// The body alone: {"error": "message", "code": …, "hint"?, "field"?, "request_id"} for Weir's own
// routes, {"type":"error","error":{"type","message"},"request_id"} for Anthropic's,
// {"error":{"message","type","param","code"}} for OpenAI's, where param is Error::field; cloud_errors.h has
// the clouds'.
std::string error_body(const Error& error, ApiShape shape, std::string_view request_id);

// With status, Retry-After (seconds, rounded up), x-should-retry and WWW-Authenticate as they apply.
net::Response error_response(const Error& error, ApiShape shape, std::string_view request_id);

}  // namespace weir::edge

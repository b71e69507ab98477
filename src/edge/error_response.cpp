#include "edge/error_response.h"

#include "base/json.h"
#include "edge/cloud_errors.h"

namespace weir::edge {
namespace {

// An SDK sleeps as long as retry-after says, with the caller waiting. Beyond this it is kinder to fail.
constexpr std::int64_t kPatienceMs = 60'000;

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

std::string weir_body(const Error& error, std::string_view request_id) {
  std::string out = "{\"error\":";
  append_json_string(out, error.message);
  append_member(out, "code", to_string(error.code));
  if (!error.hint.empty()) append_member(out, "hint", error.hint);
  if (!error.field.empty()) append_member(out, "field", error.field);
  append_member(out, "request_id", request_id);
  out += '}';
  return out;
}

std::string anthropic_body(const Error& error, std::string_view request_id) {
  std::string message = error.message;
  if (!error.hint.empty()) message += ": " + error.hint;
  std::string out = "{\"type\":\"error\",\"error\":{\"type\":";
  append_json_string(out, anthropic_type_of(error.code));
  append_member(out, "message", message);
  out += '}';
  append_member(out, "request_id", request_id);
  out += '}';
  return out;
}

std::string openai_body(const Error& error) {
  std::string message = error.message;
  if (!error.hint.empty()) message += ": " + error.hint;
  const OpenAiError names = openai_error_of(error.code);
  std::string out = "{\"error\":{\"message\":";
  append_json_string(out, message);
  append_member(out, "type", names.type);
  if (error.field.empty()) out += ",\"param\":null";
  if (!error.field.empty()) append_member(out, "param", error.field);
  if (names.code.empty()) out += ",\"code\":null";
  if (!names.code.empty()) append_member(out, "code", names.code);
  out += "}}";
  return out;
}

}  // namespace

int status_of(Code code) {
  switch (code) {
    case Code::invalid_request: return 400;
    case Code::unauthenticated: return 401;
    case Code::permission_denied: return 403;
    case Code::not_found: return 404;
    case Code::method_not_allowed: return 405;
    case Code::conflict: return 409;
    case Code::gone: return 410;
    case Code::too_large: return 413;
    case Code::unsupported_media_type: return 415;
    case Code::rate_limited: return 429;
    case Code::overloaded: return 503;
    case Code::unavailable: return 503;
    case Code::upstream_failed: return 502;
    case Code::timed_out: return 504;
    case Code::request_timeout: return 408;
    case Code::cancelled: return 499;  // nobody reads it; nginx's number for the log
    case Code::internal: return 500;
  }
  return 500;
}

std::string_view anthropic_type_of(Code code) {
  switch (code) {
    case Code::unauthenticated: return "authentication_error";
    case Code::permission_denied: return "permission_error";
    case Code::not_found:
    case Code::gone: return "not_found_error";
    case Code::conflict: return "conflict_error";
    case Code::too_large: return "request_too_large";
    case Code::rate_limited: return "rate_limit_error";
    case Code::overloaded: return "overloaded_error";
    case Code::request_timeout:
    case Code::timed_out: return "timeout_error";
    case Code::unavailable:
    case Code::upstream_failed:
    case Code::internal: return "api_error";
    case Code::invalid_request:
    case Code::method_not_allowed:
    case Code::unsupported_media_type:
    case Code::cancelled: return "invalid_request_error";
  }
  return "api_error";
}

OpenAiError openai_error_of(Code code) {
  switch (code) {
    case Code::unauthenticated: return {"invalid_request_error", "invalid_api_key"};
    case Code::permission_denied: return {"invalid_request_error", "permission_denied"};
    case Code::not_found: return {"invalid_request_error", "not_found"};
    case Code::method_not_allowed: return {"invalid_request_error", "method_not_allowed"};
    case Code::conflict: return {"invalid_request_error", "conflict"};
    case Code::gone: return {"invalid_request_error", "gone"};
    case Code::too_large: return {"invalid_request_error", "request_too_large"};
    case Code::unsupported_media_type: return {"invalid_request_error", "unsupported_media_type"};
    case Code::rate_limited: return {"rate_limit_error", "rate_limit_exceeded"};
    case Code::overloaded: return {"server_error", "overloaded"};
    case Code::request_timeout:
    case Code::timed_out: return {"server_error", "timeout"};
    case Code::unavailable:
    case Code::upstream_failed:
    case Code::internal: return {"server_error", "server_error"};
    case Code::invalid_request:
    case Code::cancelled: return {"invalid_request_error", ""};
  }
  return {"server_error", "server_error"};
}

bool should_retry(const Error& error) {
  switch (error.code) {
    case Code::overloaded: return true;
    case Code::rate_limited: return error.retry_after_ms <= kPatienceMs;
    // A failing provider has been tried as often as the configuration allows. Retries upon retries
    // are what keeps a struggling provider down.
    default: return false;
  }
}

std::string error_body(const Error& error, ApiShape shape, std::string_view request_id) {
  switch (shape) {
    case ApiShape::anthropic: return anthropic_body(error, request_id);
    case ApiShape::openai: return openai_body(error);
    case ApiShape::aws: return aws_body(error);
    case ApiShape::google: return google_body(error, status_of(error.code));
    case ApiShape::weir: break;
  }
  return weir_body(error, request_id);
}

net::Response error_response(const Error& error, ApiShape shape, std::string_view request_id) {
  net::Response response;
  response.status = status_of(error.code);
  response.headers.add("content-type", "application/json; charset=utf-8");
  if (error.retry_after_ms > 0) {
    response.headers.add("retry-after", std::to_string((error.retry_after_ms + 999) / 1000));
  }
  if (error.code == Code::unauthenticated) {
    response.headers.add("www-authenticate", "Bearer realm=\"weir\"");  // RFC 9110 §15.5.2 wants one
  }
  // Where Anthropic's SDKs look for it; OpenAI's read the x-request-id that every answer has.
  if (shape == ApiShape::anthropic) response.headers.add("request-id", request_id);
  if (shape == ApiShape::aws) {
    response.headers.add("x-amzn-errortype", aws_exception_of(error.code));
    response.headers.add("x-amzn-requestid", request_id);
  }
  if (shape != ApiShape::weir) {
    response.headers.add("x-should-retry", should_retry(error) ? "true" : "false");
  }
  response.body = error_body(error, shape, request_id);
  return response;
}

}  // namespace weir::edge

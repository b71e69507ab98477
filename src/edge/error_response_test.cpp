#include "edge/error_response.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace weir::edge {
namespace {

json::value parsed(const net::Response& response) {
  return parse_json(response.body).value();
}

TEST_CASE("an error on Weir's own routes is a string with code, hint, field and request id") {
  Error error(Code::invalid_request, "message is empty", "send 1 to 10,000 characters");
  error.field = "message";
  const auto response = error_response(error, ApiShape::weir, "req_1");
  CHECK(response.status == 400);
  CHECK(response.headers.get("content-type") == "application/json; charset=utf-8");
  const auto body = parsed(response);
  CHECK(string_member(body, "error") == "message is empty");
  CHECK(string_member(body, "code") == "invalid_request");
  CHECK(string_member(body, "hint") == "send 1 to 10,000 characters");
  CHECK(string_member(body, "field") == "message");
  CHECK(string_member(body, "request_id") == "req_1");
  CHECK_FALSE(response.headers.contains("x-should-retry"));
}

TEST_CASE("an error on Anthropic's routes has Anthropic's envelope, status and type") {
  struct Row {
    Code code;
    int status;
    std::string_view type;
  };
  for (const Row row :
       {Row{Code::invalid_request, 400, "invalid_request_error"},
        Row{Code::unauthenticated, 401, "authentication_error"},
        Row{Code::permission_denied, 403, "permission_error"}, Row{Code::not_found, 404, "not_found_error"},
        Row{Code::request_timeout, 408, "timeout_error"}, Row{Code::gone, 410, "not_found_error"},
        Row{Code::too_large, 413, "request_too_large"}, Row{Code::rate_limited, 429, "rate_limit_error"},
        Row{Code::internal, 500, "api_error"}, Row{Code::upstream_failed, 502, "api_error"},
        Row{Code::overloaded, 503, "overloaded_error"}, Row{Code::timed_out, 504, "timeout_error"}}) {
    const auto response = error_response(Error(row.code, "why", "what to do"), ApiShape::anthropic, "req_2");
    CHECK(response.status == row.status);
    const auto body = parsed(response);
    CHECK(string_member(body, "type") == "error");
    CHECK(string_member(*find_member(body, "error"), "type") == row.type);
    CHECK(string_member(*find_member(body, "error"), "message") == "why: what to do");
    CHECK(string_member(body, "request_id") == "req_2");
    CHECK(response.headers.get("request-id") == "req_2");
  }
}

TEST_CASE("an error on OpenAI's routes has OpenAI's envelope; the field is its param") {
  struct Row {
    Code code;
    std::string_view type, name;
  };
  for (const Row row : {Row{Code::unauthenticated, "invalid_request_error", "invalid_api_key"},
                        Row{Code::rate_limited, "rate_limit_error", "rate_limit_exceeded"},
                        Row{Code::overloaded, "server_error", "overloaded"},
                        Row{Code::invalid_request, "invalid_request_error", ""}}) {
    Error wrong(row.code, "why", "what to do");
    wrong.field = "tools[0]";
    const auto response = error_response(wrong, ApiShape::openai, "req_5");
    CHECK(response.status == status_of(row.code));
    const auto body = parsed(response);
    const auto& error = *find_member(body, "error");
    CHECK(string_member(error, "message") == "why: what to do");
    CHECK(string_member(error, "type") == row.type);
    CHECK(string_member(error, "code") == row.name);
    CHECK(find_member(error, "code")->is_null() == row.name.empty());
    CHECK(string_member(error, "param") == "tools[0]");
    CHECK_FALSE(body.as_object().contains("request_id"));
    CHECK(response.headers.contains("x-should-retry"));
  }
}

TEST_CASE("retry-after is in whole seconds, rounded up, and a long one asks SDKs not to wait") {
  Error error(Code::rate_limited, "too many requests");
  error.retry_after_ms = 1'001;
  auto response = error_response(error, ApiShape::anthropic, "req_3");
  CHECK(response.headers.get("retry-after") == "2");
  CHECK(response.headers.get("x-should-retry") == "true");
  error.retry_after_ms = 600'000;
  response = error_response(error, ApiShape::anthropic, "req_3");
  CHECK(response.headers.get("retry-after") == "600");
  CHECK(response.headers.get("x-should-retry") == "false");
}

TEST_CASE("a missing key is answered with the way to present one") {
  const auto response = error_response(Error(Code::unauthenticated, "no API key"), ApiShape::weir, "req_4");
  CHECK(response.headers.get("www-authenticate") == "Bearer realm=\"weir\"");
}

}  // namespace
}  // namespace weir::edge

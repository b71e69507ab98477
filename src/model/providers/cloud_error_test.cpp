#include "model/providers/cloud_error.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace weir::model {

TEST_CASE("cloud error: the Claude API's own envelope passes byte for byte") {
  constexpr std::string_view body =
      R"({ "type":"error","error":{"type":"invalid_request_error","message":"no"},"request_id":"req_vrtx_1"})";
  const CloudError error = cloud_error(400, {}, body);
  CHECK(error.body == body);
  CHECK(error.type == "invalid_request_error");
  CHECK(error.status == 400);
}

TEST_CASE("cloud error: the wording of AWS, Google and Azure stays") {
  const auto of = [](int status, std::string_view kind, std::string_view body) {
    const CloudError error = cloud_error(status, kind, body);
    return std::to_string(error.status) + " " + error.type + ": " + error.message;
  };
  constexpr std::string_view aws = ":http://internal.amazon.com/coral/com.amazon.bedrock/";
  CHECK(of(400, "ValidationException" + std::string(aws),
           R"({"message":"The provided model identifier is invalid."})") ==
        "400 invalid_request_error: The provided model identifier is invalid.");
  CHECK(of(424, "ModelErrorException", R"({"message":"m"})") == "500 api_error: m");
  CHECK(of(429, "ModelNotReadyException", R"({"message":"m"})") == "529 overloaded_error: m");
  CHECK(of(408, "ModelTimeoutException", R"({"Message":"m"})") == "504 timeout_error: m");
  CHECK(of(400, "ServiceQuotaExceededException", R"({"message":"m"})") == "429 rate_limit_error: m");
  CHECK(of(503, {}, R"({"message":"m"})") == "529 overloaded_error: m");
  CHECK(of(403, "com.amazon.coral.service#UnrecognizedClientException", R"({"message":"m"})") ==
        "403 permission_error: m");
  CHECK(
      of(403, {}, R"([{"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED"}}])") ==
      "403 permission_error: Permission denied");
  CHECK(
      of(429, {}, R"({"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}})") ==
      "429 rate_limit_error: Resource exhausted");
  CHECK(of(401, {}, R"({"error":{"code":"401","message":"Access denied"}})") ==
        "401 authentication_error: Access denied");
  CHECK(of(418, {}, R"({"error":"teapot"})") == "418 invalid_request_error: teapot");
  CHECK(of(502, {}, "Bad Gateway\n") == "502 api_error: Bad Gateway");
  CHECK(of(500, {}, "") == "500 api_error: the provider answered with status 500 and gave no reason");
  CHECK(of(500, {}, "\xFF\xFE") == "500 api_error: the provider answered with status 500 and gave no reason");
}

TEST_CASE("cloud error: what it writes is JSON whatever the message holds") {
  const auto parsed = parse_json(error_envelope("api_error", "a \"b\"\n</script>"));
  REQUIRE(parsed);
  CHECK(string_member(*find_member(*parsed, "error"), "message") == "a \"b\"\n</script>");
  std::string out;
  append_error_event(out, "{}");
  CHECK(out == "event: error\ndata: {}\n\n");
}

}  // namespace weir::model

#include "model/providers/aws/sigv4_verify.h"

#include <doctest/doctest.h>

#include "base/time_format.h"

namespace weir::model {
namespace {

const Secret kSecret("a-secret");

struct Signed {
  net::Headers headers{
      {"host", "weir.example"}, {"content-type", "application/json"}, {"user-agent", "boto"}};
  std::string path = "/model/a%3A0/invoke";
  std::string body = "{}";
  WallTime at = *parse_rfc3339("2026-11-24T12:00:00Z");

  Signed() {
    const AwsKeys keys{.access_key_id = "AKIA1", .secret_access_key = kSecret, .session_token = Secret()};
    const Signature signature = sign_v4(request(), keys, {"us-east-1", "bedrock"}, at);
    for (const net::Field field : signature.headers) headers.set(field.name, field.value);
  }
  SigningRequest request() const {
    return {.method = "POST", .path = path, .query = "", .headers = headers, .body = body};
  }
  bool verifies(const Secret& secret = kSecret, std::chrono::minutes later = {}) const {
    const auto claim = parse_v4_authorization(headers.get("authorization"));
    return claim && verify_v4(request(), *claim, secret, at + later).has_value();
  }
};

}  // namespace

TEST_CASE("sigv4: what was signed verifies, and says by whom") {
  const Signed request;
  CHECK(request.verifies());
  const auto claim = parse_v4_authorization(request.headers.get("authorization"));
  REQUIRE(claim);
  CHECK(claim->access_key_id == "AKIA1");
  CHECK(claim->scope.service == "bedrock");
  CHECK(claim->names == std::vector<std::string>{"content-type", "host", "x-amz-date"});
}

TEST_CASE("sigv4: another body, path, field, secret or time does not verify") {
  Signed body;
  body.body = "{ }";
  CHECK_FALSE(body.verifies());
  Signed path;
  path.path = "/model/b%3A0/invoke";
  CHECK_FALSE(path.verifies());
  Signed field;
  field.headers.set("content-type", "text/plain");
  CHECK_FALSE(field.verifies());
  Signed unsigned_field;
  unsigned_field.headers.set("user-agent", "proxy");
  CHECK(unsigned_field.verifies());
  const Signed request;
  CHECK_FALSE(request.verifies(Secret("another")));
  CHECK_FALSE(request.verifies(Secret("")));
  CHECK(request.verifies(kSecret, std::chrono::minutes(15)));
  CHECK_FALSE(request.verifies(kSecret, std::chrono::minutes(16)));
  CHECK_FALSE(request.verifies(kSecret, std::chrono::minutes(-16)));
}

TEST_CASE("sigv4: fields that prove nothing are refused") {
  for (const std::string_view text :
       {"", "Bearer x", "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20261124/r/s/aws4_request, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20261124/r/s/aws4_request, SignedHeaders=host"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_v4_authorization(text));
  }
  Signed request;  // a signature over no date could be sent again for ever
  const auto claim = parse_v4_authorization(
      "AWS4-HMAC-SHA256 Credential=AKIA1/20261124/us-east-1/bedrock/aws4_request, SignedHeaders=host, "
      "Signature=00");
  REQUIRE(claim);
  CHECK_FALSE(verify_v4(request.request(), *claim, kSecret, request.at));
}

}  // namespace weir::model

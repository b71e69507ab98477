#include "model/providers/aws/endpoints.h"

#include <doctest/doctest.h>

#include "base/time_format.h"
#include "fake_environment.h"
#include "shared_data.h"

namespace weir::model {

TEST_CASE("aws endpoints: hosts, base paths and service names") {
  CHECK(aws_endpoint(AwsApi::invoke, "us-east-1")->origin.to_string() ==
        "https://bedrock-runtime.us-east-1.amazonaws.com");
  CHECK(aws_endpoint(AwsApi::invoke, "us-east-1")->scope.service == "bedrock");
  CHECK(aws_endpoint(AwsApi::mantle, "eu-west-1")->origin.to_string() ==
        "https://bedrock-mantle.eu-west-1.api.aws/anthropic");
  CHECK(aws_endpoint(AwsApi::mantle, "eu-west-1")->scope.service == "bedrock-mantle");
  CHECK(aws_endpoint(AwsApi::platform, "us-west-2")->origin.to_string() ==
        "https://aws-external-anthropic.us-west-2.api.aws");
  CHECK(aws_endpoint(AwsApi::platform, "us-west-2")->scope.service == "aws-external-anthropic");
  CHECK(aws_endpoint(AwsApi::invoke, "cn-north-1")->origin.host ==
        "bedrock-runtime.cn-north-1.amazonaws.com.cn");
  for (const std::string_view wrong : {"", "us east", "evil.example/", "US-EAST-1"}) {
    CHECK(aws_endpoint(AwsApi::invoke, wrong).error().code == Code::invalid_request);
  }
}

TEST_CASE("aws endpoints: the region comes from the environment") {
  fakes::FakeEnvironment environment;
  CHECK(aws_region(environment).error().hint.contains("AWS_REGION"));
  environment.variables["AWS_DEFAULT_REGION"] = "eu-central-1";
  CHECK(aws_region(environment) == "eu-central-1");
  environment.variables["AWS_REGION"] = "us-east-1";
  CHECK(aws_region(environment) == "us-east-1");
}

// A whole request through authorize_aws must carry the signature that botocore made for it.
TEST_CASE("aws endpoints: a signed request equals botocore's") {
  const auto vectors =
      parse_json(test::file_text(test::shared_data() / "data" / "sigv4" / "sigv4_bedrock_botocore.json"));
  if (!vectors) {
    MESSAGE("skipped: no vectors below " << test::shared_data().string()
                                         << "; WEIR_SHARED names their folder");
    return;
  }
  int seen = 0;
  for (const json::value& vector : find_member(*vectors, "cases")->as_array()) {
    CAPTURE(std::string(string_member(vector, "name")));
    const std::string_view service = string_member(vector, "service");
    const AwsApi api = service == "bedrock"          ? AwsApi::invoke
                       : service == "bedrock-mantle" ? AwsApi::mantle
                                                     : AwsApi::platform;
    const auto endpoint = aws_endpoint(api, string_member(vector, "region"));
    REQUIRE(endpoint);
    const std::string_view url = string_member(vector, "url");
    REQUIRE(url.starts_with(endpoint->origin.to_string()));
    net::ClientRequest request;
    request.method = string_member(vector, "method");
    request.target = url.substr(endpoint->origin.to_string().size());
    request.body = string_member(vector, "body");
    for (const auto& [name, value] : find_member(vector, "headers_in")->as_object())
      request.headers.add(name, value.as_string());
    const Token token{.value = Secret(std::string(string_member(vector, "secret_key"))),
                      .expires_at = std::nullopt,
                      .key_id = std::string(string_member(vector, "access_key")),
                      .session = Secret(std::string(string_member(vector, "session_token")))};
    authorize_aws(request, endpoint->origin, endpoint->scope, token, *parse_rfc3339("2026-11-23T12:00:00Z"));
    CHECK(request.headers.get("authorization") ==
          string_member(*find_member(vector, "headers_out"), "Authorization"));
    CHECK_FALSE(request.headers.contains("host"));
    ++seen;
  }
  CHECK(seen == 10);
}

TEST_CASE("aws endpoints: a bearer token needs no signature") {
  net::ClientRequest request;
  authorize_aws(request, {}, {}, Token{.value = Secret("bedrock-api-key-x"), .expires_at = std::nullopt},
                WallTime(0));
  CHECK(request.headers.get("authorization") == "Bearer bedrock-api-key-x");
  CHECK(request.headers.size() == 1);
}

}  // namespace weir::model

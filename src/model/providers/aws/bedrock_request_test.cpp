#include "model/providers/aws/bedrock_request.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/text.h"
#include "shared_data.h"

namespace weir::model {
namespace {

constexpr std::string_view kBody =
    R"({ "model":"claude-opus-5-5", "max_tokens" : 16,"messages":[{"role":"user","content":"h\u00e9\"}]"}] ,"stream":true})";

std::string body_of(std::string_view body, std::string_view betas = {}, std::string_view profile = {}) {
  const auto request = to_bedrock_invoke(
      {.body = body, .model = "m", .stream = false, .betas = betas, .user_profile_id = profile});
  REQUIRE(request);
  return request->body;
}

bool is_claude_invoke(const json::value& exchange) {
  const json::value* request = find_member(exchange, "request");
  if (request == nullptr) return false;
  const std::string_view path = string_member(*request, "path");
  return path.contains("anthropic.") &&
         (path.ends_with("/invoke") || path.ends_with("/invoke-with-response-stream"));
}

}  // namespace

TEST_CASE("bedrock request: only what Bedrock wants otherwise changes") {
  const auto request =
      to_bedrock_invoke({.body = kBody, .model = "us.anthropic.claude-opus-5-5", .stream = true});
  REQUIRE(request);
  CHECK(request->target == "/model/us.anthropic.claude-opus-5-5/invoke-with-response-stream");
  CHECK(request->body == R"({"anthropic_version":"bedrock-2023-05-31", "max_tokens" : 16,)"
                         R"("messages":[{"role":"user","content":"h\u00e9\"}]"}]})");
}

TEST_CASE("bedrock request: the client's version stays") {
  CHECK(body_of(R"({"anthropic_version":"2026-10-21","model":"x","a":1})") ==
        R"({"anthropic_version":"2026-10-21","a":1})");
}

TEST_CASE("bedrock request: flags of header and body together, without what Bedrock refuses") {
  constexpr std::string_view version = R"({"anthropic_version":"v")";
  CHECK(body_of(R"({"anthropic_version":"v"})", "context-1m-2025-08-07, files-api-2025-04-14") ==
        R"({"anthropic_beta":["context-1m-2025-08-07"],"anthropic_version":"v"})");
  CHECK(body_of(std::string(version) + R"(,"anthropic_beta":["a-1"]})", "b-1,a-1") ==
        std::string(version) + R"(,"anthropic_beta":["a-1","b-1"]})");
  CHECK(body_of(std::string(version) + R"(,"anthropic_beta":["files-api-2025-04-14"]})") ==
        std::string(version) + "}");
  // Nothing to change: the client's spelling stays.
  CHECK(body_of(std::string(version) + R"(,"anthropic_beta": [ "a-1" , "b-1" ]})") ==
        std::string(version) + R"(,"anthropic_beta": [ "a-1" , "b-1" ]})");
  CHECK(body_of(std::string(version) + R"(,"anthropic_beta":7})", "b-1") ==
        std::string(version) + R"(,"anthropic_beta":7})");
  CHECK(body_of(std::string(version) + "}", "oauth-2025-04-20") == std::string(version) + "}");
}

TEST_CASE("bedrock request: the profile's id goes into the body") {
  CHECK(body_of(R"({"anthropic_version":"v"})", {}, "up_1") ==
        R"({"user_profile_id":"up_1","anthropic_version":"v"})");
  CHECK(body_of(R"({"anthropic_version":"v","user_profile_id":"up_2"})", {}, "up_1") ==
        R"({"anthropic_version":"v","user_profile_id":"up_2"})");
}

TEST_CASE("bedrock request: ids of models in the path") {
  const auto target = [](std::string_view model) {
    const auto request = to_bedrock_invoke({.body = "{}", .model = model});
    return request ? request->target : "error in " + request.error().field;
  };
  CHECK(target("us.anthropic.claude-sonnet-4-5-20250929-v1:0") ==
        "/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke");
  CHECK(target("arn:aws:bedrock:us-east-1:0:inference-profile/us.anthropic.claude-opus-5-5") ==
        "/model/arn:aws:bedrock:us-east-1:0:inference-profile%2Fus.anthropic.claude-opus-5-5/invoke");
  CHECK(target("a b?c;d") == "/model/a%20b%3Fc%3Bd/invoke");
  for (const std::string_view model : {"", ".", ".."}) CHECK(target(model) == "error in model");
}

TEST_CASE("bedrock request: tokens are counted of a body that InvokeModel would take") {
  const auto request = to_bedrock_count_tokens({.body = R"({"model":"x","messages":[]})", .model = "m:0"});
  REQUIRE(request);
  CHECK(request->target == "/model/m:0/count-tokens");
  const auto parsed = parse_json(request->body);
  REQUIRE(parsed);
  CHECK(from_base64(string_member(*find_member(*find_member(*parsed, "input"), "invokeModel"), "body")) ==
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[]})");
  CHECK(from_bedrock_count_tokens(R"({"inputTokens":18})") == R"({"input_tokens":18})");
  for (const char* wrong : {"", "{}", R"({"inputTokens":"18"})"}) {
    CHECK(from_bedrock_count_tokens(wrong).error().code == Code::upstream_failed);
  }
}

TEST_CASE("bedrock request: routes of Bedrock's own clients") {
  const auto target = parse_bedrock_target("/model/arn:aws:x%2Fa-v1%3A0/invoke-with-response-stream");
  REQUIRE(target);
  CHECK(target->model == "arn:aws:x/a-v1:0");
  CHECK(target->stream);
  CHECK(parse_bedrock_target("/model/a/b/invoke")->model == "a/b");
  CHECK_FALSE(parse_bedrock_target("/model/a/invoke")->stream);
  for (const std::string_view other :
       {"/model//invoke", "/model/a/converse", "/v1/messages", "/model/%/invoke", "/model/invoke"}) {
    CAPTURE(other);
    CHECK_FALSE(parse_bedrock_target(other));
  }
}

TEST_CASE("bedrock request: a body for Bedrock becomes one for the Claude API") {
  const auto request = from_bedrock_invoke(
      R"({"anthropic_version":"bedrock-2023-05-31", "anthropic_beta":["a-1","b-1"],"max_tokens": 5})",
      {"m:0", true});
  REQUIRE(request);
  CHECK(request->body == R"({"model":"m:0","stream":true,"max_tokens": 5})");
  CHECK(request->betas == "a-1,b-1");
  CHECK(request->version.empty());
  CHECK(from_bedrock_invoke(R"({"anthropic_version":"2026-10-21"})", {"m", false})->version == "2026-10-21");
  CHECK(from_bedrock_invoke(R"({"anthropic_beta":"a"})", {"m", false}).error().field == "anthropic_beta");
  CHECK(from_bedrock_invoke("[]", {"m", false}).error().code == Code::invalid_request);
}

// A recorded request, written as a client of the Claude API would, must come out as it was recorded.
TEST_CASE("bedrock request: recorded requests, back and forth") {
  const auto all = test::recordings("bedrock");
  if (all.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  int seen = 0;
  for (const test::Recording& recording : all) {
    if (!is_claude_invoke(recording.exchange)) continue;
    CAPTURE(recording.name);
    const json::value& request = *find_member(recording.exchange, "request");
    const std::string_view path = string_member(request, "path");
    const auto target = parse_bedrock_target(path);
    REQUIRE(target);
    const json::value& body = *find_member(request, "body");
    const auto messages = from_bedrock_invoke(json::serialize(body), *target);
    REQUIRE(messages);
    CHECK(string_member(*parse_json(messages->body), "model") == target->model);
    const auto again = to_bedrock_invoke(
        {.body = messages->body, .model = target->model, .stream = target->stream, .betas = messages->betas});
    REQUIRE(again);
    CHECK(percent_decode(again->target) == percent_decode(path));
    CHECK(*parse_json(again->body) == body);
    ++seen;
  }
  CHECK(seen == 15);
}

}  // namespace weir::model

#include "model/providers/cloud_request.h"

#include <doctest/doctest.h>

namespace weir::model {

TEST_CASE("cloud request: a plain Messages body changes where the cloud's name or the profile demands it") {
  constexpr std::string_view body = R"({ "model" : "claude-opus-5-5", "max_tokens":1 })";
  CHECK(messages_body({.body = body, .model = "claude-opus-5-5"}) == body);
  CHECK(messages_body({.body = body, .model = "anthropic.claude-opus-5-5"}) ==
        R"({ "model":"anthropic.claude-opus-5-5", "max_tokens":1 })");
  CHECK(messages_body({.body = body, .model = "claude-opus-5-5", .user_profile_id = "up_1"}) ==
        R"({"user_profile_id":"up_1", "model" : "claude-opus-5-5", "max_tokens":1 })");
  CHECK(messages_body(
            {.body = R"({"model":"m","user_profile_id":"mine"})", .model = "m", .user_profile_id = "up_1"}) ==
        R"({"model":"m","user_profile_id":"mine"})");
  CHECK(messages_body({.body = "[]", .model = "m"}).error().code == Code::invalid_request);
}

TEST_CASE("cloud request: a model's name is one segment, whatever it holds") {
  CHECK(model_segment("a/b:c%d", ":") == "a%2Fb:c%25d");
  for (const std::string_view wrong : {"", ".", ".."})
    CHECK(model_segment(wrong, "").error().field == "model");
}

}  // namespace weir::model

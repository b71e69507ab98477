#include "model/providers/google/vertex.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "fake_environment.h"
#include "shared_data.h"

namespace weir::model {
namespace {

const VertexPlace kPlace{"my-project", "us-east5"};

}  // namespace

TEST_CASE("vertex: origins of regions, multi-regions and global") {
  CHECK(vertex_origin("us-east5")->to_string() == "https://us-east5-aiplatform.googleapis.com/v1");
  CHECK(vertex_origin("global")->to_string() == "https://aiplatform.googleapis.com/v1");
  CHECK(vertex_origin("us")->to_string() == "https://aiplatform.us.rep.googleapis.com/v1");
  CHECK(vertex_origin("eu")->to_string() == "https://aiplatform.eu.rep.googleapis.com/v1");
  for (const std::string_view wrong : {"", "evil.example/", "a b"}) CHECK_FALSE(vertex_origin(wrong));
}

TEST_CASE("vertex: the model goes into the path, the stream stays in the body") {
  constexpr std::string_view body =
      R"({ "model":"claude-opus-5-5","max_tokens": 16 , "stream":true, "messages":[] })";
  const auto request = to_vertex({.body = body,
                                  .model = "claude-opus-5-5@20260801",
                                  .stream = true,
                                  .betas = "context-1m-2025-08-07,effort-2025-11-24"},
                                 kPlace);
  REQUIRE(request);
  CHECK(request->target ==
        "/projects/my-project/locations/us-east5/publishers/anthropic/models/"
        "claude-opus-5-5@20260801:streamRawPredict");
  CHECK(request->body ==
        R"({"anthropic_version":"vertex-2023-10-16","max_tokens": 16 , "stream":true, "messages":[] })");
  CHECK(request->betas == "context-1m-2025-08-07");
  const auto whole =
      to_vertex({.body = R"({"anthropic_version":"2026-10-21"})", .model = "a/b:c"}, {"p.com:x", "global"});
  REQUIRE(whole);
  CHECK(whole->target ==
        "/projects/p.com:x/locations/global/publishers/anthropic/models/a%2Fb%3Ac:rawPredict");
  CHECK(whole->body == R"({"anthropic_version":"2026-10-21"})");
  CHECK(to_vertex({.body = "{}", .model = ".."}, kPlace).error().field == "model");
}

TEST_CASE("vertex: counting keeps the model in the body") {
  const auto request = to_vertex_count_tokens(
      {.body = R"({"model":"opus","messages":[]})", .model = "claude-opus-5-5"}, kPlace);
  REQUIRE(request);
  CHECK(request->target ==
        "/projects/my-project/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict");
  CHECK(request->body ==
        R"({"anthropic_version":"vertex-2023-10-16","model":"claude-opus-5-5","messages":[]})");
}

TEST_CASE("vertex: project and region come from the environment, the project else from the credentials") {
  fakes::FakeEnvironment environment;
  CHECK(vertex_place(environment, "p").error().hint.contains("CLOUD_ML_REGION"));
  environment.variables["CLOUD_ML_REGION"] = "global";
  CHECK(vertex_place(environment, "").error().hint.contains("ANTHROPIC_VERTEX_PROJECT_ID"));
  CHECK(vertex_place(environment, "from-key")->project == "from-key");
  environment.variables["GOOGLE_CLOUD_PROJECT"] = "cloud";
  CHECK(vertex_place(environment, "from-key")->project == "cloud");
  environment.variables["ANTHROPIC_VERTEX_PROJECT_ID"] = "vertex";
  CHECK(vertex_place(environment, "from-key")->project == "vertex");
}

// No traffic with Claude on Vertex was recorded: requests to the Claude API must arrive there whole.
TEST_CASE("vertex: recorded requests to the Claude API lose nothing but the model") {
  const auto all = test::recordings("anthropic");
  if (all.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  int seen = 0;
  for (const test::Recording& recording : all) {
    const json::value* request = find_member(recording.exchange, "request");
    const json::value* recorded = request == nullptr ? nullptr : find_member(*request, "body");
    if (recorded == nullptr || !recorded->is_object() || string_member(*recorded, "model").empty()) continue;
    CAPTURE(recording.name);
    const std::string text = json::serialize(*recorded);
    const auto made = to_vertex({.body = text, .model = string_member(*recorded, "model")}, kPlace);
    REQUIRE(made);
    json::object expected = recorded->as_object();
    expected.erase("model");
    expected["anthropic_version"] = kVertexVersion;
    CHECK(*parse_json(made->body, 256) == json::value(expected));
    ++seen;
  }
  CHECK(seen > 300);
}

}  // namespace weir::model

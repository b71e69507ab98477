// The clouds behind a gateway: what goes out, what the client gets, what is priced.
#include <doctest/doctest.h>

#include "base/text.h"
#include "fake_environment.h"
#include "model/providers/aws/bedrock.h"
#include "model/providers/google/vertex_provider.h"
#include "model_recordings.h"
#include "model_world.h"
#include "net/eventstream/eventstream.h"

namespace weir::model {
namespace {

using namespace fakes;

struct Clouds : World {
  FakeEnvironment environment;

  Clouds() { config.anthropic.api_key = Secret(); }

  ProviderConfig& add(std::string_view name, std::string_view kind, std::uint32_t order = 0) {
    ProviderConfig& provider = config.providers.emplace_back();
    provider.name = name;
    provider.kind = kind;
    provider.api_key = Secret("key-of-" + std::string(name));
    provider.region = "us-east-1";
    provider.project = "p1";
    provider.resource = "r1";
    provider.workspace = "w1";
    provider.order = order;
    return provider;
  }
  Read run(UpstreamCall its_call = asked()) {
    REQUIRE(config.check());
    if (!gateway) {
      gateway.emplace(config, client, prices, sink, clock, random, log, metrics, health, nullptr,
                      &environment);
    }
    return fakes::run(context, read_whole(*gateway, std::move(its_call)));
  }
  static UpstreamCall asked() {
    UpstreamCall call = World::call();
    call.body = R"({"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[]})";
    call.headers.add("x-api-key", "the-client's");
    call.headers.add("anthropic-beta", "oauth-2025-04-20,context-1m-2025-08-07");
    return call;
  }
};

std::string chunk(std::string_view event) {
  std::string out;
  const std::string payload = R"({"bytes":")" + to_base64(event) + R"(","p":"abc"})";
  const net::Frame frame{
      .headers = {{.name = ":message-type", .bytes = "event"}, {.name = ":event-type", .bytes = "chunk"}},
      .payload = payload};
  REQUIRE(net::append_frame(out, frame));
  return out;
}

std::string exception(std::string_view type) {
  std::string out;
  const net::Frame frame{.headers = {{.name = ":message-type", .bytes = "exception"},
                                     {.name = ":exception-type", .bytes = type}},
                         .payload = R"({"message":"no"})"};
  REQUIRE(net::append_frame(out, frame));
  return out;
}

const std::string kStartData =
    R"({"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":10,"output_tokens":1}}})";
const std::string kEndData =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}})";
const std::string kStopData = R"({"type":"message_stop"})";

Answer frames(std::vector<std::string> pieces, Answer::End end = Answer::End::whole) {
  return {.headers = {{"content-type", "application/vnd.amazon.eventstream"}, {"x-amzn-requestid", "aws-1"}},
          .pieces = std::move(pieces),
          .end = end};
}

Answer bedrock_stream() {
  return frames({chunk(kStartData), chunk(kEndData), chunk(kStopData)});
}

}  // namespace

TEST_CASE("clouds: names of models") {
  CHECK(bedrock_model_id("claude-opus-5-5", "global") == "global.anthropic.claude-opus-5-5");
  CHECK(bedrock_model_id("claude-opus-5-5", "") == "anthropic.claude-opus-5-5");
  CHECK(bedrock_model_id("claude-sonnet-4-5", "us") == "us.anthropic.claude-sonnet-4-5-20250929-v1:0");
  CHECK(bedrock_model_id("claude-sonnet-4-5-20250929", "us") ==
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0");
  CHECK(bedrock_model_id("claude-opus-4-6", "eu") == "eu.anthropic.claude-opus-4-6-v1");
  CHECK(bedrock_model_id("eu.anthropic.claude-x", "us") == "eu.anthropic.claude-x");
  CHECK(vertex_model_id("claude-sonnet-4-5-20250929") == "claude-sonnet-4-5@20250929");
  CHECK(vertex_model_id("claude-sonnet-4-5") == "claude-sonnet-4-5@20250929");
  CHECK(vertex_model_id("claude-opus-5-5") == "claude-opus-5-5");
  CHECK(vertex_model_id("claude-opus-4-6@default") == "claude-opus-4-6@default");
}

TEST_CASE("clouds: a call to Bedrock, its stream, its row, and the price of a geography") {
  Clouds w;
  w.add("b", "bedrock").profile = "us";
  w.client.answers = {bedrock_stream()};
  const Read read = w.run();
  CHECK(read.status == 200);
  CHECK(read.headers.get("content-type").starts_with("text/event-stream"));
  CHECK(read.body == "event: message_start\ndata: " + kStartData + "\n\nevent: message_delta\ndata: " +
                         kEndData + "\n\nevent: message_stop\ndata: " + kStopData + "\n\n");
  const std::string& sent = w.client.sent.at(0);
  CHECK(w.client.asked.at(0) == "bedrock-runtime.us-east-1.amazonaws.com");
  CHECK(sent.starts_with("POST /model/us.anthropic.claude-opus-5-5/invoke-with-response-stream\n"));
  CHECK(sent.contains("authorization: Bearer key-of-b\n"));
  CHECK_FALSE(sent.contains("the-client's"));
  CHECK_FALSE(sent.contains("anthropic-"));
  CHECK(sent.contains(R"("anthropic_version":"bedrock-2023-05-31")"));
  CHECK(sent.contains(R"("anthropic_beta":["context-1m-2025-08-07"])"));
  CHECK_FALSE(sent.contains(R"("stream")"));
  CHECK_FALSE(sent.contains(R"("model")"));
  REQUIRE(w.sink.rows.size() == 1);
  const data::LedgerRow& row = w.sink.rows[0];
  CHECK(row.model == "us.anthropic.claude-opus-5-5");
  CHECK(row.upstream_request_id == "aws-1");
  CHECK(row.usage.input_tokens == 10);
  CHECK(row.usage.output_tokens == 7);
  // 10 tokens at 4 $/MTok and 7 at 20, and a tenth more.
  CHECK(row.cost.nanos() == (10 * 4'000 + 7 * 20'000) * 11 / 10);
}

TEST_CASE("clouds: exceptions and broken frames of Bedrock go elsewhere, or end the stream in an error") {
  for (const Answer& first : {frames({exception("throttlingException")}), frames({"no frame at all, surely"}),
                              frames({}), json(424, R"({"message":"the model failed"})"),
                              json(503, R"({"message":"later"})"), json(403, R"({"message":"denied"})")}) {
    Clouds w;
    w.add("b", "bedrock");
    w.add("v", "vertex", 1);
    w.client.answers = {first, stream({kStart, kEnd})};
    const Read read = w.run();
    CAPTURE(first.status);
    CHECK(read.status == 200);
    CHECK(read.body == kStart + kEnd);
    CHECK(w.sink.rows.at(0).provider == "v");
  }
  Clouds w;
  w.add("b", "bedrock");
  w.client.answers = {frames({chunk(kStartData), exception("modelStreamErrorException")})};
  const Read read = w.run();
  CHECK(read.body.contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""));
  CHECK_FALSE(w.sink.rows.at(0).error_type.empty());
  w.client.answers = {frames({chunk(kStartData), chunk(kEndData).substr(0, 40)}, Answer::End::broken)};
  CHECK(w.run().body.contains("event: error"));
}

TEST_CASE("clouds: errors come in the Claude API's envelope") {
  Clouds w;
  w.add("b", "bedrock");
  w.client.answers = {
      json(400, R"({"message":"bad"})", {{"x-amzn-errortype", "ValidationException:http://x"}})};
  const Read read = w.run();
  CHECK(read.status == 400);
  CHECK(read.body == R"({"type":"error","error":{"type":"invalid_request_error","message":"bad"}})");
}

TEST_CASE("clouds: keys that sign, from the environment, and a file for the secret") {
  Clouds w;
  w.add("b", "bedrock").api_key = Secret();
  w.environment.variables = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY_FILE", "/s"}};
  w.environment.files = {{"/s", "secret\n"}};
  w.client.answers = {bedrock_stream()};
  CHECK(w.run().status == 200);
  CHECK(w.client.sent.at(0).contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
}

TEST_CASE("clouds: who has no credentials is left for the next, and says what is missing when alone") {
  Clouds w;
  w.add("b", "bedrock").api_key = Secret();
  w.environment.variables = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY_FILE", "/absent"}};
  w.add("v", "vertex", 1);
  w.client.answers = {stream({kStart, kEnd})};
  CHECK(w.run().status == 200);
  CHECK(w.sink.rows.at(0).provider == "v");
  Clouds alone;
  alone.config.retry.tries_max = 1;
  alone.add("v", "vertex").api_key = Secret();
  alone.client.answers = {refused()};  // the metadata server
  const Read read = alone.run();
  REQUIRE(read.error);
  CHECK(alone.client.sent.size() == 1);
  CHECK_FALSE(alone.client.sent[0].contains("rawPredict"));
}

TEST_CASE("clouds: a call to Vertex AI, and to its region") {
  for (const std::string_view region : {"global", "us-east5"}) {
    Clouds w;
    w.add("v", "vertex").region = region;
    w.client.answers = {stream({kStart, kEnd})};
    CHECK(w.run().body == kStart + kEnd);
    const std::string& sent = w.client.sent.at(0);
    CHECK(sent.starts_with("POST /projects/p1/locations/" + std::string(region) +
                           "/publishers/anthropic/models/claude-opus-5-5:streamRawPredict\n"));
    CHECK(sent.contains("authorization: Bearer key-of-v\n"));
    CHECK(sent.contains("anthropic-beta: context-1m-2025-08-07\n"));
    CHECK(sent.contains(R"("anthropic_version":"vertex-2023-10-16")"));
    const std::int64_t standard = 12 * 4'000 + 7 * 20'000;
    CHECK(w.sink.rows.at(0).cost.nanos() == (region == "global" ? standard : standard * 11 / 10));
  }
}

TEST_CASE("clouds: those that speak Messages get the client's bytes") {
  struct Case {
    std::string_view kind, host, field;
  };
  for (const auto& [kind, host, field] :
       {Case{"claude_platform_aws", "aws-external-anthropic.us-east-1.api.aws",
             "anthropic-workspace-id: w1\n"},
        Case{"foundry", "r1.services.ai.azure.com", "api-key: key-of-x\n"},
        Case{"bedrock_mantle", "bedrock-mantle.us-east-1.api.aws", "authorization: Bearer key-of-x\n"}}) {
    CAPTURE(kind);
    Clouds w;
    w.add("x", kind);
    w.client.answers = {stream({kStart, kEnd})};
    CHECK(w.run().body == kStart + kEnd);
    CHECK(w.client.asked.at(0) == host);
    CHECK(w.client.sent.at(0).contains(field));
    const std::string id = kind == "bedrock_mantle" ? "anthropic.claude-opus-5-5" : "claude-opus-5-5";
    std::string body = Clouds::asked().body;
    CHECK(w.client.sent.at(0).ends_with("\n\n" + body.replace(body.find("claude-opus-5-5"), 15, id)));
  }
}

TEST_CASE("clouds: counting tokens") {
  Clouds w;
  w.add("b", "bedrock");
  w.client.answers = {json(200, R"({"inputTokens":42})")};
  UpstreamCall call = Clouds::asked();
  call.target = "/v1/messages/count_tokens";
  call.stream = false;
  call.metered = false;
  CHECK(w.run(call).body == R"({"input_tokens":42})");
  CHECK(w.client.sent.at(0).starts_with("POST /model/global.anthropic.claude-opus-5-5/count-tokens\n"));
  call.target = "/v1/models";
  const Read refused_here = w.run(call);
  REQUIRE(refused_here.error);
  CHECK(refused_here.error->code == Code::invalid_request);
}

TEST_CASE("clouds: thinking goes with the model to another cloud, and not to another model") {
  for (const std::string_view second : {"", "claude-sonnet-5-5"}) {
    Clouds w;
    w.add("b", "bedrock");
    w.add("v", "vertex");
    RouteConfig& route = w.config.routes.emplace_back();
    route.targets = {{.provider = "b"}, {.provider = "v", .model = std::string(second), .order = 1}};
    UpstreamCall call = Clouds::asked();
    call.body =
        R"({"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"q"},)"
        R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"sig"},)"
        R"({"type":"text","text":"a"}]},{"role":"user","content":"r"}]})";
    call.facts.thinking_blocks = true;
    w.client.answers = {json(503, R"({"message":"later"})"), stream({kStart, kEnd})};
    CHECK(w.run(call).status == 200);
    CHECK(w.client.sent.at(0).contains("\"sig\""));
    CHECK(w.client.sent.at(1).contains("\"sig\"") == second.empty());
  }
}

TEST_CASE("clouds: the environment makes Bedrock only when asked, and behind Anthropic") {
  GatewayConfig config;
  config.anthropic.api_key = Secret("sk-a");
  config.bedrock.region = "us-east-1";
  CHECK(config.all_providers().size() == 1);
  config.bedrock.api_key = Secret("bedrock-key");
  CHECK(config.all_providers().size() == 2);
  CHECK(config.all_providers().at(1).order == 1);
  config.bedrock.api_key = Secret();
  config.bedrock.wanted = true;
  CHECK(config.check());
  config.bedrock.region.clear();
  CHECK(config.check().error().field == "providers.bedrock.region");
}

TEST_CASE("clouds: every recorded call of Claude on Bedrock through a gateway: usage and cost are the same") {
  int whole = 0;
  int streamed = 0;
  for (const Recording& recording : recordings("bedrock")) {
    const bool is_stream = recording.path.ends_with("/invoke-with-response-stream");
    if (!recording.path.contains("anthropic.") || (!is_stream && !recording.path.ends_with("/invoke")))
      continue;
    const json::object& response = recording.response.as_object();
    const json::value* status = response.if_contains("status");
    if (status == nullptr || status->as_int64() != 200) continue;
    Answer answer;
    if (const json::value* fields = response.if_contains("headers")) {
      for (const auto& [name, value] : fields->as_object())
        if (value.is_string() && name != "content-length")
          answer.headers.set(name, std::string_view(value.as_string()));
    }
    std::string body;
    if (const json::value* coded = response.if_contains("body_base64")) {
      body = *from_base64(std::string_view(coded->as_string()));
      answer.headers.set("content-type", "application/vnd.amazon.eventstream");
    } else {
      body = json::serialize(response.at("body"));
      answer.headers.set("content-type", "application/json");
    }
    answer.pieces = {body};
    auto meter = meter_of(Dialect::bedrock_invoke)(answer.headers);
    meter->feed(body);
    meter->finish();

    const std::string path = *percent_decode(recording.path);
    const std::string id = path.substr(7, path.rfind('/') - 7);
    Clouds w;
    w.add("b", "bedrock");
    UpstreamCall call = Clouds::asked();
    call.model = id;
    call.body = R"({"model":")" + id + R"(","max_tokens":9,"messages":[]})";
    call.stream = is_stream;
    w.client.answers = {answer};
    const Read read = w.run(call);
    CAPTURE(recording.file);
    CHECK(read.status == 200);
    CHECK_FALSE(read.body_error);
    REQUIRE(w.sink.rows.size() == 1);
    const data::LedgerRow& row = w.sink.rows[0];
    CHECK(row.usage == meter->usage());
    CHECK(row.usage.output_tokens > 0);
    CHECK_FALSE(row.usage_estimated);
    CHECK(row.model == id);
    CHECK(row.cost.nanos() == w.prices.price(id, meter->usage(), {}, row.at).cost.nanos());
    CHECK(row.cost.nanos() > 0);
    if (is_stream) CHECK(read.body.contains("event: message_stop"));
    if (!is_stream) CHECK(read.body == body);
    ++(is_stream ? streamed : whole);
  }
  MESSAGE("recorded calls of Claude on Bedrock replayed: whole " << whole << ", streamed " << streamed);
}

}  // namespace weir::model

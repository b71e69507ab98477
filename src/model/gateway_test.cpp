#include "model/gateway.h"

#include <doctest/doctest.h>

#include "model/reply.h"
#include "model_world.h"

namespace weir::model {
namespace {

using namespace fakes;

std::vector<std::string> pieces_of(std::string_view text, std::size_t size) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += size) pieces.emplace_back(text.substr(at, size));
  return pieces;
}

}  // namespace

TEST_CASE("gateway: a stream arrives byte for byte and leaves one row") {
  World w;
  w.client.answers = {stream({kStart, kDelta, kEnd})};
  const Read read = w.run();
  CHECK(read.status == 200);
  CHECK(read.body == kStart + kDelta + kEnd);
  REQUIRE(w.sink.rows.size() == 1);
  const data::LedgerRow& row = w.sink.rows[0];
  CHECK(row.usage == data::Usage{.input_tokens = 12, .output_tokens = 7});
  CHECK_FALSE(row.usage_estimated);
  CHECK(row.cost.nanos() == 12 * 4'000 + 7 * 20'000);
  CHECK(row.error_type.empty());
  CHECK(row.provider == "anthropic");
  CHECK(row.upstream_request_id == "req_1");
  CHECK(row.status == 200);
  CHECK(row.tries == 1);
  CHECK(row.first_token_us > 0);
  CHECK(w.state() == observe::HealthState::ok);
  CHECK(w.client.open == 0);
}

TEST_CASE("gateway: what may succeed later is tried again, what cannot is not") {
  struct Case {
    Answer answer;
    int tries;
  };
  const std::string body = R"({"type":"error","error":{"type":"some_error","message":"m"}})";
  for (const auto& [answer, tries] :
       {Case{json(408, body), 2}, Case{json(409, body), 2}, Case{json(429, body), 2},
        Case{json(500, body), 2}, Case{json(529, body), 2}, Case{refused(), 2},
        Case{stream({kOverloaded}), 2}, Case{stream({}), 2},
        Case{stream({kStart.substr(0, 40)}, Answer::End::broken), 2}, Case{json(400, body), 1},
        Case{json(401, body), 1}, Case{json(404, body), 1},
        Case{json(529, body, {{"x-should-retry", "false"}}), 1},
        Case{json(400, body, {{"x-should-retry", "true"}}), 2}}) {
    World w;
    w.client.answers = {answer, stream({kStart, kEnd})};
    const Read read = w.run();
    CAPTURE(answer.status);
    CHECK(read.tries == tries);
    CHECK((read.body == kStart + kEnd) == (tries == 2));
    REQUIRE(w.sink.rows.size() == 1);
    CHECK(w.sink.rows[0].tries == tries);
    CHECK(w.sink.rows[0].error_type.empty() == (tries == 2));
  }
}

TEST_CASE("gateway: an error of the request as the first event is final") {
  World w;
  const std::string event =
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"m\"}}\n\n";
  w.client.answers = {stream({event})};
  CHECK(w.run().body == event);
  CHECK(w.sink.rows.at(0).error_type == "invalid_request_error");
}

TEST_CASE("gateway: after the last try the provider's own answer goes through unmodified") {
  World w;
  const std::string body =
      R"({ "type":"error", "error":{"type":"overloaded_error","message":"Overloaded"} })";
  for (int i = 0; i < 3; ++i) {
    w.client.answers.push_back(
        json(529, body, {{"x-should-retry", "true"}, {"anthropic-ratelimit-requests-limit", "5"}}));
  }
  const Read read = w.run();
  CHECK(read.status == 529);
  CHECK(read.tries == 3);
  CHECK(read.body == body);
  CHECK(read.headers.get("x-should-retry") == "true");
  CHECK(read.headers.get("anthropic-ratelimit-requests-limit") == "5");
  REQUIRE(w.sink.rows.size() == 1);
  CHECK(w.sink.rows[0].error_type == "overloaded_error");
  CHECK(w.sink.rows[0].usage == data::Usage());
  CHECK_FALSE(w.sink.rows[0].usage_estimated);
  CHECK(w.state() == observe::HealthState::degraded);
}

TEST_CASE("gateway: an error event on the last try is handed on as it came") {
  World w;
  w.client.answers = {stream({kOverloaded}), stream({kOverloaded}), stream({kOverloaded})};
  const Read read = w.run();
  CHECK(read.body == kOverloaded);
  CHECK(read.tries == 3);
  CHECK(w.sink.rows.at(0).error_type == "overloaded_error");
  CHECK(w.state() == observe::HealthState::degraded);
}

TEST_CASE("gateway: streams that end or fall silent before their first event leave an error with a status") {
  World w;
  w.client.answers = {stream({}), stream({": a comment\n"}, Answer::End::broken), stream({"event: mess"})};
  const Read read = w.run();
  REQUIRE(read.error);
  CHECK(read.error->code == Code::upstream_failed);
  CHECK(w.client.sent.size() == 3);
  CHECK(w.client.open == 0);
  REQUIRE(w.sink.rows.size() == 1);
  CHECK(w.sink.rows[0].error_type == "upstream_failed");
}

TEST_CASE("gateway: an estimate is no more than the call allowed") {
  World w;
  w.client.answers = {json(200, std::string(10'000, ' '))};
  UpstreamCall call = World::call();
  call.stream = false;
  call.facts.max_tokens = 64;
  w.run(call);
  CHECK(w.sink.rows.at(0).usage_estimated);
  CHECK(w.sink.rows.at(0).usage.output_tokens == 64);
}

TEST_CASE("gateway: a provider that cannot be reached is an error after the tries") {
  World w;
  w.client.answers = {refused(), refused(), refused()};
  const Read read = w.run();
  REQUIRE(read.error);
  CHECK(read.error->code == Code::upstream_failed);
  CHECK(w.client.sent.size() == 3);
  CHECK(w.sink.rows.at(0).status == 0);
  CHECK(w.sink.rows.at(0).error_type == "upstream_failed");
}

TEST_CASE("gateway: a retry-after beyond the limit ends the tries") {
  World w;
  w.client.answers = {json(429, "{}", {{"retry-after", "61"}})};
  const Read read = w.run();
  CHECK(read.status == 429);
  CHECK(read.tries == 1);
  CHECK(read.headers.get("retry-after") == "61");
}

TEST_CASE("gateway: no try begins that the total timeout would end") {
  World w;
  w.config.total_timeout = std::chrono::milliseconds(900);
  w.client.answers = {json(429, "{}", {{"retry-after-ms", "1000"}})};
  CHECK(w.run().tries == 1);
  CHECK(w.client.timeouts.at(0).first_byte == std::chrono::milliseconds(900));
}

TEST_CASE("gateway: a stream that the provider cuts ends in an error event of its own") {
  struct Case {
    std::string given, lost;  // of what the provider sent
    Answer::End end;
  };
  const std::string line = "event: content_block_delta\n";
  for (const Case& c :
       {Case{kStart + kDelta, "", Answer::End::broken}, Case{kStart + kDelta, "", Answer::End::whole},
        Case{kStart, kDelta.substr(0, 60), Answer::End::broken}, Case{kStart, line, Answer::End::whole},
        Case{kStart + kDelta, kDelta.substr(0, kDelta.size() - 1), Answer::End::whole}}) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{50}, c.given.size() + c.lost.size()}) {
      World w;
      w.client.answers = {stream(pieces_of(c.given + c.lost, cut), c.end)};
      const Read read = w.run();
      CHECK_FALSE(read.body_error);
      REQUIRE(read.body.starts_with(c.given + "event: error\ndata: {\"type\":\"error\",\"error\":{"));
      CHECK(read.body.ends_with(",\"request_id\":\"req_1\"}\n\n"));
      CHECK(read.body.find("\"type\":\"api_error\"") != std::string::npos);
      REQUIRE(w.sink.rows.size() == 1);
      CHECK(w.sink.rows[0].error_type == "upstream_failed");
      CHECK(w.sink.rows[0].usage_estimated);
      CHECK(w.sink.rows[0].usage.input_tokens == 10);
    }
  }
}

TEST_CASE("gateway: a whole stream arrives byte for byte, however it is cut, and what follows it too") {
  for (const std::string& sent : {kStart + kDelta + kEnd, kStart + kEnd + ": the rest"}) {
    for (const std::size_t cut : {1, 7, 100, 100'000}) {
      World w;
      w.client.answers = {stream(pieces_of(sent, cut))};
      CHECK(w.run().body == sent);
    }
  }
}

TEST_CASE("gateway: an event that is too large to keep passes, and when it is cut nobody reads it") {
  const std::string large =
      "event: content_block_start\ndata: \"" + std::string(3 * kOpenEventSizeMax / 2, 'x');
  for (const std::size_t cut : {16'384UZ, 10'000'000UZ}) {
    World whole;
    whole.client.answers = {stream(pieces_of(kStart + large + "\"\n\n" + kEnd, cut))};
    CHECK(whole.run().body == kStart + large + "\"\n\n" + kEnd);
    World broken;
    broken.client.answers = {stream(pieces_of(kStart + large, cut), Answer::End::broken)};
    CHECK(broken.run().body.starts_with(kStart + large + "\nevent: ping\n\nevent: error\ndata: {"));
  }
}

TEST_CASE("gateway: after message_stop a broken connection is no failure") {
  World w;
  w.client.answers = {stream({kStart + kEnd}, Answer::End::broken)};
  const Read read = w.run();
  CHECK_FALSE(read.body_error);
  CHECK(read.body == kStart + kEnd);
  CHECK(w.sink.rows.at(0).error_type.empty());
}

TEST_CASE("gateway: an error event after content goes through once") {
  World w;
  w.client.answers = {stream({kStart, kDelta, kOverloaded})};
  CHECK(w.run().body == kStart + kDelta + kOverloaded);
  CHECK(w.sink.rows.at(0).error_type == "overloaded_error");
  CHECK(w.sink.rows.at(0).usage_estimated);
}

TEST_CASE("gateway: a body in one piece that breaks off fails") {
  World w;
  Answer cut = json(200, R"({"type":"message","usage":{"input_to)");
  cut.end = Answer::End::broken;
  w.client.answers = {cut};
  const Read read = w.run();
  REQUIRE(read.body_error);
  CHECK(read.body_error->code == Code::upstream_failed);
  CHECK(w.sink.rows.at(0).error_type == "upstream_failed");
  CHECK(w.sink.rows.at(0).usage_estimated);
}

TEST_CASE("gateway: the client hangs up, and in every phase the upstream call ends at once") {
  struct Case {
    std::vector<Answer> answers;
    bool billed;
  };
  Answer silent_head;
  silent_head.silent_head = true;
  for (const Case& c : {Case{{silent_head}, false},                               // before the head
                        Case{{stream({}, Answer::End::silent)}, false},           // before the first event
                        Case{{json(429, "{}", {{"retry-after", "50"}})}, false},  // between two tries
                        Case{{stream({kStart, kDelta}, Answer::End::silent)}, true}}) {  // in the stream
    World w;
    w.client.answers.assign(c.answers.begin(), c.answers.end());
    CHECK(w.run_cancelled(std::chrono::milliseconds(5)));
    CHECK(w.client.open == 0);
    REQUIRE(w.sink.rows.size() == 1);
    CHECK(w.sink.rows[0].error_type == "client_gone");
    CHECK((w.sink.rows[0].usage.output_tokens > 1) == c.billed);
    CHECK((w.sink.rows[0].cost > Money()) == c.billed);
  }
}

TEST_CASE("gateway: encoded streams and unmetered calls pass without a look") {
  World w;
  Answer encoded = stream({"\x1f\x8b not to be read"});
  encoded.headers.add("content-encoding", "gzip");
  w.client.answers = {encoded};
  CHECK(w.run().body == "\x1f\x8b not to be read");
  CHECK(w.sink.rows.at(0).usage_estimated);

  World models;
  models.client.answers = {json(200, R"({"data":[]})")};
  UpstreamCall call = World::call();
  call.method = "GET";
  call.metered = false;
  CHECK(models.run(call).body == R"({"data":[]})");
  CHECK(models.sink.rows.empty());
}

TEST_CASE("gateway: the total timeout ends a stream that never does") {
  World w;
  w.client.answers = {stream({kStart, kDelta, kDelta})};
  const auto read_slowly = [](World& world) -> Task<Read> {
    Read read;
    auto reply = co_await world.gateway->open(World::call());
    static_cast<void>(co_await (*reply)->read());
    world.clock.advance(std::chrono::hours(2));
    auto piece = co_await (*reply)->read();
    read.body = *piece;
    co_return read;
  };
  w.start();
  const Read read = fakes::run(w.context, read_slowly(w));
  CHECK(read.body.starts_with("event: error\n"));
  CHECK(w.sink.rows.at(0).error_type == "timed_out");
}

TEST_CASE("gateway: a stream whose first event only trickles in is given up when it was due") {
  World w;
  Answer trickling = stream({"e", "v", "e", "n", "t", ": ", "message_start\n"});
  trickling.before_piece = [&w] { w.clock.advance(std::chrono::minutes(3)); };
  w.client.answers = {trickling, stream({kStart, kDelta, kEnd})};
  const Read read = w.run();
  CHECK(read.tries == 2);
  CHECK(read.body == kStart + kDelta + kEnd);
  // 10 minutes for the first event, 5 between two pieces: each wait is as long as both allow.
  const std::vector<std::chrono::nanoseconds> waits(w.client.idle_limits.begin(),
                                                    w.client.idle_limits.begin() + 5);
  using std::chrono::minutes;
  CHECK(waits ==
        std::vector<std::chrono::nanoseconds>{minutes(5), minutes(5), minutes(4), minutes(1), minutes(5)});
}

TEST_CASE("gateway: without a key it says what to set") {
  World w;
  w.config.anthropic.api_key = Secret();
  const Read read = w.run();
  REQUIRE(read.error);
  CHECK(read.error->code == Code::unavailable);
  CHECK(read.error->hint.find("ANTHROPIC_API_KEY") != std::string::npos);
  CHECK(w.sink.rows.empty());
  CHECK(w.state() == observe::HealthState::not_configured);
  CHECK_FALSE(w.gateway->configured());
}

TEST_CASE("gateway: counts what it did") {
  World w;
  w.client.answers = {json(529, "{}"), stream({kStart, kDelta, kEnd})};
  w.run();
  const std::string text = w.metrics.prometheus_text();
  for (const std::string_view line :
       {"weir_upstream_requests_total{provider=\"anthropic\",outcome=\"ok\"} 1\n",
        "weir_upstream_tries_total{provider=\"anthropic\"} 2\n",
        "weir_tokens_total{model=\"claude-opus-5-5\",class=\"input\"} 12\n",
        "weir_tokens_total{model=\"claude-opus-5-5\",class=\"output\"} 7\n",
        "weir_cost_usd_nanos_total 188000\n", "weir_first_token_seconds_count 1\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("gateway: a configuration that cannot work is refused") {
  CHECK(World::quick().check());
  GatewayConfig no_url = World::quick();
  no_url.anthropic.base_url = "nowhere";
  CHECK_FALSE(no_url.check());
  GatewayConfig no_time = World::quick();
  no_time.idle_timeout = {};
  CHECK_FALSE(no_time.check());
  GatewayConfig no_tries = World::quick();
  no_tries.retry.tries_max = 0;
  CHECK_FALSE(no_tries.check());
}

}  // namespace weir::model

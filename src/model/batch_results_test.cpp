#include "model/batch_results.h"

#include <doctest/doctest.h>

#include <vector>

namespace weir::model {
namespace {

struct Sink final : UsageSink {
  void record(data::LedgerRow row) override { rows.push_back(std::move(row)); }
  std::vector<data::LedgerRow> rows;
};

struct World {
  std::vector<data::LedgerRow> read(std::string_view lines, std::size_t step) {
    sink.rows.clear();
    Attribution who;
    who.key_id = "alice";
    who.arrived_at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20).time_since_epoch();
    BatchResults results(accounts, who, "anthropic", "msgbatch_1");
    for (std::size_t at = 0; at < lines.size(); at += step) results.feed(lines.substr(at, step));
    results.finish();
    return sink.rows;
  }

  ManualClock clock;
  Sink sink;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock, 2};
  observe::Metrics metrics;
  Prices prices = Prices::builtin();
  Accounts accounts{prices, sink, log, metrics};
};

constexpr std::string_view kLines =
    R"({"custom_id":"a\"b","result":{"type":"succeeded","message":{"id":"msg_1","type":"message",)"
    R"("model":"claude-sonnet-5-5","usage":{"input_tokens":1000,"output_tokens":100,"service_tier":"batch"}}}})"
    "\n"
    R"({"custom_id":"c","result":{"type":"errored","error":{"type":"error","error":{"type":"api_error"}}}})"
    "\n\n"
    R"({"custom_id":"d","result":{"type":"canceled"}})"
    "\n"
    R"({"custom_id":"e","result":{"type":"succeeded","message":{"model":"claude-sonnet-5-5",)"
    R"("type":"message","usage":{"input_tokens":10,"output_tokens":1}}}})";

TEST_CASE("each message of a batch is a row at half its price, however the lines are cut") {
  World world;
  for (const std::size_t step : {1UL, 7UL, 4096UL}) {
    const auto rows = world.read(kLines, step);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].request_id == "msgbatch_1:a\"b");
    CHECK(rows[0].key_id == "alice");
    CHECK(rows[0].provider == "anthropic");
    CHECK(rows[0].upstream_request_id == "msg_1");
    CHECK(rows[0].usage.input_tokens == 1'000);
    // $2 and $10 per million, halved.
    CHECK(rows[0].cost == Money::from_nanos((1'000 * 2'000 + 100 * 10'000) / 2));
    // Also where the answer does not say that it was a batch's.
    CHECK(rows[1].cost == Money::from_nanos((10 * 2'000 + 10'000) / 2));
  }
}

TEST_CASE("each answer of OpenAI's batches is a row under OpenAI's id of it") {
  constexpr std::string_view kOpenAiLines =
      R"({"id":"batch_req_1","custom_id":"0","response":{"status_code":200,"body":{"id":"chatcmpl-1",)"
      R"("object":"chat.completion","model":"gpt-5-nano","usage":{"prompt_tokens":7,"completion_tokens":3}}}})"
      "\n"
      R"({"id":"batch_req_2","custom_id":"1","response":{"status_code":200,"body":{"id":"resp_1",)"
      R"("object":"response","model":"gpt-5-nano","usage":{"input_tokens":5,"output_tokens":2}}},"error":null})"
      "\n"
      R"({"id":"batch_req_3","custom_id":"2","response":{"status_code":400,"body":{"error":{"message":"no"}}}})"
      "\n"
      R"({"id":"batch_req_4","custom_id":"3","response":null,"error":{"code":"batch_expired"}})";
  World world;
  for (const std::size_t step : {1UL, 4096UL}) {
    const auto rows = world.read(kOpenAiLines, step);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].request_id == "batch_req_1");
    CHECK(rows[0].model == "gpt-5-nano");
    CHECK(rows[0].upstream_request_id == "chatcmpl-1");
    CHECK(rows[0].usage.input_tokens == 7);
    CHECK(rows[0].usage.output_tokens == 3);
    CHECK(rows[1].request_id == "batch_req_2");
    CHECK(rows[1].usage.input_tokens == 5);
  }
}

TEST_CASE("what is no result leaves no row") {
  World world;
  for (const std::string_view broken :
       {"", "\n\n", "{", "[]", "{\"custom_id\":1}", "{\"custom_id\":\"a\",\"result\":{}}",
        "{\"custom_id\":\"a\",\"result\":{\"message\":{\"usage\""})
    CHECK(world.read(broken, 3).empty());
}

}  // namespace
}  // namespace weir::model

#include "app/requests/trace_keeper.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "data/memory/traces.h"
#include "support/run_task.h"

namespace weir::app {
namespace {

using std::chrono::milliseconds;

model::CallTrace two_tries() {
  model::CallTrace trace;
  trace.route = "big \"one\"";
  trace.shadows = {"cheap"};
  trace.left = {{.provider = "azure", .model = "m", .why = model::LeftOut::breaker_open}};
  trace.tries = {
      {.provider = "eu",
       .model = "claude-sonnet-5-5",
       .status = 529,
       .failure = model::FailureClass::server,
       .breaker = model::BreakerState::half_open,
       .queue_wait = milliseconds(3),
       .connect = milliseconds(20),
       .duration = milliseconds(50),
       .delay_after = milliseconds(7)},
      {.provider = "us", .model = "claude-sonnet-5-5", .status = 200, .duration = milliseconds(9)}};
  trace.end = model::TriesEnd::answered;
  trace.warm_provider = "eu";
  trace.warm_tokens = 4'000;
  trace.leaving_costs_s = 1.5;
  trace.price_model = "claude-sonnet-5-5";
  trace.cost = Money::from_nanos(2'310'000);
  trace.usage = {.input_tokens = 10, .cache_read_tokens = 4'000, .output_tokens = 7};
  trace.duration = milliseconds(90);
  return trace;
}

TEST_CASE("a call is told with everything that decided") {
  data::MemoryTraces traces({});
  TraceKeeper(traces).keep("req_1", two_tries());
  traces.add_request({.key_id = "k"}, "req_1", "{}");
  const auto stored = test::run_task(traces.find({.owner = {.key_id = "k"}}, "req_1"));
  REQUIRE(stored);
  REQUIRE(stored->calls.size() == 1);
  const json::value call = parse_json(stored->calls[0]).value();
  CHECK(string_member(call, "route") == "big \"one\"");
  CHECK(call.at("shadows").at(0) == "cheap");
  CHECK(call.at("left_out").at(0).at("why") == "breaker_open");
  const json::value& failed = call.at("tries").at(0);
  CHECK(failed.at("outcome") == "server");
  CHECK(failed.at("status") == 529);
  CHECK(failed.at("breaker") == "half_open");
  CHECK(failed.at("queue_ms") == 3.0);
  CHECK(failed.at("connect_ms") == 20.0);
  CHECK(failed.at("first_byte_ms") == 30.0);
  CHECK(failed.at("pause_ms") == 7.0);
  CHECK(call.at("tries").at(1).at("outcome") == "answered");
  CHECK(call.at("end") == "answered");
  CHECK(call.at("error").is_null());
  CHECK(call.at("warm_cache").at("tokens") == 4'000);
  CHECK(call.at("warm_cache").at("leaving_counts_ms") == 1'500.0);
  CHECK(call.at("price").at("row") == "claude-sonnet-5-5");
  CHECK(call.at("price").at("cost_usd") == "0.00231");
  CHECK(call.at("price").at("usage").at("cache_read_tokens") == 4'000);
  CHECK(call.at("duration_ms") == 90.0);
}

TEST_CASE("a call that reached nobody is told as well") {
  std::string text;
  model::CallTrace trace;
  trace.route = "default";
  trace.end = model::TriesEnd::no_target;
  trace.error_type = "overloaded";
  append_call(text, trace);
  const json::value call = parse_json(text).value();
  CHECK(call.at("tries").as_array().empty());
  CHECK(call.at("end") == "no_target");
  CHECK(call.at("error") == "overloaded");
  CHECK(call.at("price").is_null());
  CHECK(call.at("warm_cache").is_null());
}

}  // namespace
}  // namespace weir::app

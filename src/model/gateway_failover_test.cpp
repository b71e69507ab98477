// Several providers behind one gateway: who is asked, who is left out, what the client sees.
#include <doctest/doctest.h>

#include <map>

#include "model/call_trace.h"
#include "model_world.h"

namespace weir::model {
namespace {

using namespace fakes;
using std::chrono::seconds;

class Traces final : public TraceSink {
 public:
  std::vector<CallTrace> kept;
  void keep(std::string_view, CallTrace trace) override { kept.push_back(std::move(trace)); }
};

// Providers a, b, c at hosts of their names, all speaking Messages.
struct Tree : World {
  Traces traces;

  explicit Tree(std::vector<std::pair<std::string, std::uint32_t>> targets = {{"a", 0}, {"b", 1}, {"c", 1}}) {
    config.anthropic.api_key = Secret();
    for (const std::string_view name : {"a", "b", "c"}) {
      ProviderConfig& provider = config.providers.emplace_back();
      provider.name = name;
      provider.kind = "anthropic";
      provider.base_url = "http://" + provider.name;
      provider.api_key = Secret("sk-" + provider.name);
    }
    RouteConfig& route = config.routes.emplace_back();
    route.name = "tree";
    for (auto& [name, order] : targets) route.targets.push_back({.provider = name, .order = order});
  }

  // Hosts that are not named answer well.
  void answers_by_host(std::map<std::string, Answer> by_host) {
    client.answer_of = [by_host = std::move(by_host)](const net::Origin& origin) {
      const auto found = by_host.find(origin.host);
      return found == by_host.end() ? stream({kStart, kDelta, kEnd}) : found->second;
    };
  }

  Gateway& start() {
    REQUIRE(config.check());
    if (!gateway) gateway.emplace(config, client, prices, sink, clock, random, log, metrics, health, &traces);
    return *gateway;
  }
  Read run(UpstreamCall its_call = World::call()) {
    return fakes::run(context, read_whole(start(), std::move(its_call)));
  }
};

const std::string kError = R"({"type":"error","error":{"type":"some_error","message":"m"}})";

}  // namespace

TEST_CASE("failover: which failures go to the next provider, at once") {
  struct Case {
    Answer answer;
    bool over;
  };
  for (const auto& [answer, over] : {Case{json(401, kError), true},
                                     Case{json(403, kError), true},
                                     Case{json(404, kError), true},
                                     Case{json(408, kError), true},
                                     Case{json(409, kError), true},
                                     Case{json(429, kError), true},
                                     Case{json(429, kError, {{"retry-after", "40"}}), true},
                                     Case{json(500, kError), true},
                                     Case{json(502, kError), true},
                                     Case{json(503, kError), true},
                                     Case{json(504, kError), true},
                                     Case{json(529, kError), true},
                                     Case{refused(), true},
                                     Case{{.error = Error(Code::timed_out, "no first byte")}, true},
                                     Case{stream({kOverloaded}), true},
                                     Case{stream({}), true},
                                     Case{stream({kStart.substr(0, 30)}, Answer::End::broken), true},
                                     Case{json(400, kError), false},
                                     Case{json(413, kError), false},
                                     Case{json(422, kError), false}}) {
    CAPTURE(answer.status);
    Tree w;
    w.answers_by_host({{"a", answer}});
    const Read read = w.run();
    CHECK(w.client.asked.front() == "a");
    CHECK(w.client.asked.size() == (over ? 2 : 1));
    CHECK(read.status == (over ? 200 : answer.status));
    REQUIRE(w.sink.rows.size() == 1);
    CHECK(w.sink.rows[0].tries == (over ? 2 : 1));
    CHECK((w.sink.rows[0].provider == "a") == !over);
    CHECK(w.client.open == 0);
    REQUIRE(w.traces.kept.size() == 1);
    const CallTrace& trace = w.traces.kept[0];
    CHECK(trace.route == "tree");
    CHECK(trace.tries.size() == (over ? 2 : 1));
    CHECK(trace.end == (over ? TriesEnd::answered : TriesEnd::final));
    if (over) CHECK(trace.tries[1].failure == FailureClass::none);
  }
}

TEST_CASE("failover: names that nobody serves take no places of models, and cool none") {
  Tree w({{"a", 0}, {"b", 1}});
  w.answers_by_host({{"a", json(404, kError)}});
  UpstreamCall call = World::call();
  for (int i = 0; i < 1'100; ++i) {
    call.model = "junk-" + std::to_string(i);
    w.run(call);
  }
  w.answers_by_host({});
  call.model = "real";
  for (int i = 0; i < 2; ++i) {
    w.client.asked.clear();
    CHECK(w.run(call).status == 200);
    CHECK(w.client.asked == std::vector<std::string>{"a"});
  }
  // By now it has a place of its own: another's refusals are not its.
  w.answers_by_host({{"a", json(429, kError)}});
  call.model = "another";
  w.run(call);
  w.answers_by_host({});
  w.client.asked.clear();
  call.model = "real";
  w.run(call);
  CHECK(w.client.asked == std::vector<std::string>{"a"});
}

TEST_CASE("failover: the tree is walked by order, and the last answer is the provider's own") {
  Tree w({{"a", 2}, {"b", 0}, {"c", 1}});
  w.answers_by_host({{"a", json(503, "a")}, {"b", json(500, "b")}, {"c", json(502, "c")}});
  const Read read = w.run();
  CHECK(w.client.asked == std::vector<std::string>{"b", "c", "a"});
  CHECK(read.status == 503);
  CHECK(read.body == "a");
  CHECK(w.traces.kept.at(0).end == TriesEnd::tries_max);
}

TEST_CASE("failover: a route's own number of tries and its own deadline hold") {
  Tree w;
  w.config.routes[0].tries_max = 1;
  w.config.routes[0].total_timeout = seconds(2);
  w.answers_by_host({{"a", json(503, "a")}});
  CHECK(w.run().status == 503);
  CHECK(w.client.timeouts.at(0).first_byte == seconds(2));
}

TEST_CASE("failover: after every target was tried, a pause and another round") {
  Tree w({{"a", 0}, {"b", 0}});
  int answered = 0;
  w.client.answer_of = [&](const net::Origin&) {
    return ++answered < 3 ? json(529, kError) : stream({kStart, kEnd});
  };
  const Read read = w.run();
  CHECK(read.status == 200);
  CHECK(w.client.asked.size() == 3);
  CHECK(w.client.asked[0] != w.client.asked[1]);
  CHECK(w.traces.kept.at(0).tries.at(0).delay_after.count() == 0);
}

TEST_CASE("failover: who limits the rate is left alone as long as it asked, unless nobody else is there") {
  Tree w({{"a", 0}, {"b", 1}});
  w.answers_by_host({{"a", json(429, kError, {{"retry-after", "20"}})}});
  w.run();
  w.run();
  CHECK(w.client.asked == std::vector<std::string>{"a", "b", "b"});
  w.clock.advance(seconds(21));
  w.answers_by_host({{"b", json(503, kError)}});
  w.run();
  CHECK(w.client.asked.back() == "a");

  Tree alone({{"a", 0}});
  alone.answers_by_host({{"a", json(401, kError)}});
  alone.run();
  CHECK(alone.run().status == 401);
  CHECK(alone.client.asked.size() == 2);
}

TEST_CASE("breaker: an ill provider is not asked, its answer is not waited for, and it comes back") {
  Tree w({{"a", 0}, {"b", 1}});
  w.answers_by_host({{"a", json(500, kError)}});
  for (int i = 0; i < 40; ++i) CHECK(w.run().status == 200);
  CHECK(std::ranges::count(w.client.asked, "a") == 20);
  CHECK(w.traces.kept.back().left.at(0).why == LeftOut::breaker_open);
  CHECK(w.metrics.prometheus_text().find("weir_upstream_breaker_opened_total{provider=\"a\"} 1\n") !=
        std::string::npos);
  w.clock.advance(seconds(2));
  w.answers_by_host({});
  for (int i = 0; i < 3; ++i) w.run();
  CHECK(w.client.asked.back() == "a");
  CHECK(w.traces.kept.back().tries.at(0).breaker == BreakerState::closed);
}

TEST_CASE("breaker: with nobody left the caller learns when to come back, and nothing is sent") {
  Tree w({{"a", 0}});
  w.answers_by_host({{"a", refused()}});
  w.config.retry.tries_max = 1;
  for (int i = 0; i < 20; ++i) w.run();
  const Read read = w.run();
  REQUIRE(read.error);
  CHECK(read.error->code == Code::overloaded);
  CHECK(read.error->retry_after_ms == 2'000);
  CHECK(w.client.asked.size() == 20);
  CHECK(w.sink.rows.size() == 20);
  CHECK(w.traces.kept.back().end == TriesEnd::no_target);
}

TEST_CASE("breaker: answers that begin well and are cut count, in one piece or streamed") {
  for (const bool streamed : {true, false}) {
    CAPTURE(streamed);
    Tree w({{"a", 0}});
    Answer cut = streamed ? stream({kStart}, Answer::End::broken) : json(200, "{\"half");
    cut.end = Answer::End::broken;
    w.answers_by_host({{"a", cut}});
    UpstreamCall call = World::call();
    call.stream = streamed;
    for (int i = 0; i < 40; ++i) w.run(call);
    const Read read = w.run(call);
    REQUIRE(read.error);
    CHECK(read.error->code == Code::overloaded);
  }
}

TEST_CASE("breaker: a route with settings of its own has breakers of its own") {
  Tree w({{"a", 0}});
  w.config.retry.tries_max = 1;
  w.config.routes[0].models = {"claude-opus-*"};
  w.config.routes[0].breaker_tries_min = 2;
  RouteConfig second = w.config.routes[0];
  second.name = "second";
  second.models = {};
  second.breaker_tries_min = 0;
  w.config.routes.push_back(second);
  w.answers_by_host({{"a", json(500, kError)}});
  for (int i = 0; i < 3; ++i) w.run();
  CHECK(w.client.asked.size() == 2);
  UpstreamCall other = World::call();
  other.model = "claude-haiku-5-5";
  w.run(other);
  CHECK(w.client.asked.size() == 3);
}

TEST_CASE("budget: when everything fails, tries are no multiple of the calls") {
  Tree w;
  w.config.breaker.tries_min = 1'000'000;
  w.config.retry_budget = {.percent = 20, .per_second_min = 0, .saved_max = 5};
  w.answers_by_host({{"a", refused()}, {"b", refused()}, {"c", refused()}});
  for (int i = 0; i < 500; ++i) w.run();
  CHECK(w.client.asked.size() <= 500 + 5 + 101);
  CHECK(w.client.asked.size() >= 500 + 95);
  CHECK(std::ranges::any_of(w.traces.kept, [](const CallTrace& t) { return t.end == TriesEnd::budget; }));
}

TEST_CASE("routes: an alias goes to a model by size, shadows only report, and the body keeps its bytes") {
  Tree w({{"b", 0}});
  w.config.routes[0].name = "large";
  w.config.routes[0].models = {"auto"};
  w.config.routes[0].targets[0].model = "claude-opus-5-5";
  RouteConfig small{.name = "small", .models = {"auto"}, .prompt_tokens_max = 10};
  small.targets.push_back({.provider = "a", .model = "claude-haiku-5-5"});
  RouteConfig shadow{.name = "shadow", .models = {"auto"}, .shadow = true};
  w.config.routes.insert(w.config.routes.begin(), {shadow, small});
  w.answers_by_host({});
  UpstreamCall call = World::call();
  call.model = "auto";
  call.body = R"({ "model" : "auto" , "x":1 })";
  w.run(call);
  CHECK(w.client.asked.back() == "a");
  CHECK(
      w.client.sent.back().ends_with("\n"
                                     R"({ "model" : "claude-haiku-5-5" , "x":1 })"));
  CHECK(w.traces.kept.back().shadows == std::vector<std::string_view>{"shadow"});
  call.body = R"({"model":"auto","messages":")" + std::string(100, 'a') + "\"}";
  w.run(call);
  CHECK(w.client.asked.back() == "b");
  CHECK(w.client.sent.back().find(R"({"model":"claude-opus-5-5","messages")") != std::string::npos);
  CHECK(w.traces.kept.back().route == "large");
  CHECK(w.metrics.prometheus_text().find("weir_route_calls_total{route=\"shadow\",shadow=\"true\"} 2\n") !=
        std::string::npos);
}

TEST_CASE("routes: thinking goes only where another model answers") {
  Tree w({{"a", 0}, {"b", 1}});
  w.config.routes[0].targets[1].model = "claude-sonnet-5-5";
  w.answers_by_host({{"a", json(529, kError)}});
  UpstreamCall call = World::call();
  call.body = R"({"model":"claude-opus-5-5","messages":[{"role":"assistant","content":[)"
              R"({"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"a"}]}]})";
  call.facts.thinking_blocks = true;
  w.run(call);
  CHECK(w.client.sent.at(0).ends_with(call.body));
  CHECK(w.client.sent.at(1).ends_with(
      R"({"model":"claude-sonnet-5-5","messages":[{"role":"assistant","content":[)"
      R"({"type":"text","text":"a"}]}]})"));
  CHECK(w.traces.kept.at(0).thinking_stripped);
}

TEST_CASE("affinity: a session stays where its cache is warm, and leaves it when it must") {
  Tree w({{"a", 0}, {"b", 0}, {"c", 0}});
  const std::string cached = R"(event: message_start
data: {"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"cache_read_input_tokens":90000}}}

)";
  w.client.answer_of = [&](const net::Origin&) { return stream({cached, kEnd}); };
  UpstreamCall call = World::call();
  call.headers.add("x-claude-code-session-id", "s1");
  for (int i = 0; i < 50; ++i) w.run(call);
  const std::string home = w.client.asked.front();
  CHECK(std::ranges::count(w.client.asked, home) == 50);
  CHECK(w.traces.kept.back().warm_provider == home);
  CHECK(w.traces.kept.back().warm_tokens == 90'000);
  CHECK(w.traces.kept.back().leaving_costs_s > 10);
  w.answers_by_host({{home, json(503, kError)}});
  CHECK(w.run(call).status == 200);
  CHECK(w.client.asked.back() != home);

  Tree spread({{"a", 0}, {"b", 0}, {"c", 0}});
  spread.answers_by_host({});
  for (int i = 0; i < 60; ++i) spread.run();
  for (const std::string_view name : {"a", "b", "c"})
    CHECK(std::ranges::count(spread.client.asked, name) > 5);
}

TEST_CASE(
    "queue: a call waits for its turn, leaves it when its client goes, and is shed when there is no room") {
  Tree w({{"a", 0}});
  w.config.providers[0].in_flight_max = 1;
  w.config.admission.waiting_max = 1;
  int asked = 0;
  w.client.answer_of = [&](const net::Origin&) {
    return ++asked == 1 ? stream({kStart}, Answer::End::silent) : stream({kStart, kEnd});
  };
  w.start();
  std::array<boost::asio::cancellation_signal, 3> hang_up;
  std::array<bool, 3> ended{};
  std::optional<Read> shed;
  const auto begin = [&](std::size_t i) {
    boost::asio::co_spawn(
        w.context.get_executor(), World::read_whole(*w.gateway, World::call()),
        boost::asio::bind_cancellation_slot(hang_up[i].slot(), [&, i](const std::exception_ptr& e, Read r) {
          ended[i] = true;
          if (!e) shed = std::move(r);
        }));
    w.context.run_for(std::chrono::milliseconds(5));
  };
  const auto gauge = [&](std::string_view name, int value) {
    const std::string line = std::string(name) + "{provider=\"a\"} " + std::to_string(value) + "\n";
    return w.metrics.prometheus_text().find(line) != std::string::npos;
  };
  begin(0);
  begin(1);
  CHECK(gauge("weir_upstream_in_flight", 1));
  CHECK(gauge("weir_upstream_waiting", 1));
  begin(2);
  REQUIRE(shed);
  CHECK(shed->error->code == Code::overloaded);
  CHECK(shed->error->retry_after_ms >= 1'000);
  hang_up[1].emit(boost::asio::cancellation_type::terminal);
  w.context.run_for(std::chrono::milliseconds(5));
  CHECK(ended[1]);
  CHECK(gauge("weir_upstream_waiting", 0));
  CHECK(w.sink.rows.empty());  // nobody has reached a provider and ended
  shed.reset();
  begin(1);
  CHECK(asked == 1);
  hang_up[0].emit(boost::asio::cancellation_type::terminal);
  w.context.run_for(std::chrono::milliseconds(20));
  CHECK(asked == 2);
  REQUIRE(shed);
  CHECK(shed->body == kStart + kEnd);
  CHECK(gauge("weir_upstream_in_flight", 0));
  CHECK(w.client.open == 0);
  CHECK(w.traces.kept.back().tries.at(0).failure == FailureClass::none);
}

TEST_CASE("dialects: a Chat Completions call is answered by Claude, metered as Claude said it") {
  Tree w({{"a", 0}});
  const std::string text =
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
      "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
  w.answers_by_host({{"a", stream({kStart, text + kDelta, kEnd})}});
  UpstreamCall call = World::call();
  call.dialect = Dialect::chat_completions;
  call.target = "/v1/chat/completions";
  call.body = R"({"model":"claude-opus-5-5","stream":true,"messages":[{"role":"user","content":"hi"}]})";
  const Read read = w.run(call);
  CHECK(w.client.sent.at(0).starts_with("POST /v1/messages\n"));
  CHECK(w.client.sent.at(0).find("\"max_tokens\"") != std::string::npos);
  CHECK(read.body.find("A whole sentence of text") != std::string::npos);
  CHECK(read.body.find("chat.completion.chunk") != std::string::npos);
  CHECK(read.body.ends_with("data: [DONE]\n\n"));
  CHECK(w.sink.rows.at(0).usage == data::Usage{.input_tokens = 12, .output_tokens = 7});

  const std::string too_long =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"too long"}})";
  w.answers_by_host({{"a", json(400, too_long)}});
  const Read refused_by_claude = w.run(call);
  CHECK(refused_by_claude.status == 400);
  CHECK(refused_by_claude.body.find("\"message\":\"too long\"") != std::string::npos);
  CHECK(refused_by_claude.body.starts_with("{\"error\":"));
}

TEST_CASE("providers: without routes, equals by name of the model, and one that a call is pinned to") {
  Tree w;
  w.config.routes.clear();
  w.config.providers[1].models = {"other-*"};
  w.answers_by_host({});
  for (int i = 0; i < 40; ++i) w.run();
  CHECK(std::ranges::count(w.client.asked, "b") == 0);
  CHECK(std::ranges::count(w.client.asked, "c") > 5);
  UpstreamCall call = World::call();
  call.provider = "b";
  w.run(call);
  CHECK(w.client.asked.back() == "b");
  call.provider = "nobody";
  CHECK(w.run(call).error->code == Code::unavailable);
  call = World::call();
  call.dialect = Dialect::embeddings;
  CHECK(w.run(call).error->code == Code::invalid_request);
}

}  // namespace weir::model

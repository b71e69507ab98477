#include "ops/upstream/simulator.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "net/client.h"
#include "net/server.h"
#include "net/sse/sse.h"

namespace weir::ops::upstream {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kQuestion =
    R"({"model":"claude-haiku-4-5","max_tokens":100,"messages":[{"role":"user","content":"What is Weir?"}]})";
constexpr std::string_view kStreamedQuestion =
    R"({"model":"claude-haiku-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"What is Weir?"}]})";

struct Answer {
  Result<> outcome;
  int status = 0;
  net::Headers headers;
  std::string body;
};

// The simulator behind a real server, and a real client on a loop of its own.
struct Fixture {
  explicit Fixture(SimulatorConfig config = {}) : simulator(std::move(config), clock, random) {
    REQUIRE(simulator.load());
    net::ServerConfig server_config;
    server_config.port = 0;
    server_config.drain_timeout = 1s;
    server = std::make_unique<net::Server>(server_config, loops, simulator.handler(), clock, log, metrics);
    simulator.count_connections_with([this] { return server->connections(); });
    REQUIRE(server->start());
    loops.start();
  }
  ~Fixture() { server->drain(); }

  Task<Answer> call(net::ClientRequest request) {
    Answer answer;
    const net::Origin origin{.tls = false, .host = "127.0.0.1", .port = server->port()};
    auto response = co_await client.send(origin, std::move(request), timeouts);
    if (!response) {
      answer.outcome = fail(response);
      co_return answer;
    }
    answer.status = (*response)->status();
    answer.headers = (*response)->headers();
    while (true) {
      auto piece = co_await (*response)->read();
      if (!piece) answer.outcome = fail(piece);
      if (!piece || piece->empty()) co_return answer;
      answer.body += *piece;
    }
  }

  Answer send(net::ClientRequest request) {
    std::optional<Answer> answer;
    boost::asio::co_spawn(loop, call(std::move(request)),
                          [&](const std::exception_ptr&, Answer a) { answer = std::move(a); });
    while (!answer) loop.run_one();
    return *std::move(answer);
  }
  Answer post(std::string_view body, std::string_view faults = {}, std::string_view path = "/v1/messages") {
    net::ClientRequest request{.target = std::string(path), .headers = {{"x-api-key", "k"}}, .body = body};
    if (!faults.empty()) request.headers.add("x-weir-fault", faults);
    return send(std::move(request));
  }
  Answer get(std::string_view path) {
    net::ClientRequest request{
        .method = "GET", .target = std::string(path), .headers = {{"authorization", "Bearer k"}}};
    return send(std::move(request));
  }

  SystemClock clock;
  SystemRandom random;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  Simulator simulator;
  net::Loops loops{1};
  std::unique_ptr<net::Server> server;
  net::WorkerPool dns{"dns", 1, 8};
  boost::asio::io_context loop{1};
  net::Client client{net::ClientConfig{}, dns, log, metrics};
  net::ClientTimeouts timeouts;
};

// A stream put together again: the names of its events, its text, input, thinking and last usage.
struct Streamed {
  std::string names, text, input, thinking, signature;
  json::object citation;
  std::string stop_reason;
  json::object usage;
};

Streamed read_stream(std::string_view body) {
  Streamed s;
  net::SseParser parser;
  const auto fed = parser.feed(body, [&s](const net::SseEvent& event) {
    const auto data = parse_json(event.data);
    REQUIRE(data);
    CHECK(string_member(*data, "type") == event.event);
    if (!s.names.ends_with(std::string(event.event) + " ")) s.names += std::string(event.event) + " ";
    if (const json::value* const delta = find_member(*data, "delta")) {
      s.text += string_member(*delta, "text");
      s.input += string_member(*delta, "partial_json");
      s.thinking += string_member(*delta, "thinking");
      s.signature += string_member(*delta, "signature");
      s.stop_reason = string_member(*delta, "stop_reason");
      if (const json::value* const citation = find_member(*delta, "citation"))
        s.citation = citation->as_object();
    }
    if (const json::value* const usage = find_member(*data, "usage")) s.usage = usage->as_object();
  });
  REQUIRE(fed);
  return s;
}

json::value error_of(const Answer& answer) {
  return parse_json(answer.body).value().at("error");
}

TEST_CASE_FIXTURE(Fixture, "simulator: a scripted answer, whole and streamed, is the same") {
  const Answer whole = post(kQuestion);
  CHECK(whole.status == 200);
  CHECK(whole.headers.get("content-type") == "application/json");
  CHECK(whole.headers.get("request-id").starts_with("req_"));
  CHECK(whole.headers.get("anthropic-ratelimit-requests-limit") == "4000");
  const json::value message = parse_json(whole.body).value();
  const std::string_view text = message.at("content").at(0).at("text").as_string();
  CHECK(text.contains("What is Weir?"));

  const Answer streamed = post(kStreamedQuestion);
  CHECK(streamed.headers.get("content-type") == "text/event-stream; charset=utf-8");
  const Streamed s = read_stream(streamed.body);
  CHECK(s.names ==
        "message_start content_block_start ping content_block_delta content_block_stop message_delta "
        "message_stop ");
  CHECK(s.text == text);
  CHECK(s.stop_reason == "end_turn");
  CHECK(s.usage.at("output_tokens") == message.at("usage").at("output_tokens"));
  CHECK(s.usage.at("input_tokens") == message.at("usage").at("input_tokens"));
  CHECK(streamed.body.contains("  }\n\n"));  // padded as the real one
  CHECK(read_stream(post(kStreamedQuestion, "events=500").body).usage.at("output_tokens") == 500);
}

TEST_CASE_FIXTURE(Fixture, "simulator: thinking and tools") {
  const Streamed thought = read_stream(
      post(
          R"({"model":"claude-opus-5-5","max_tokens":9,"stream":true,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"a"}]})")
          .body);
  CHECK(!thought.thinking.empty());
  CHECK(!thought.signature.empty());
  CHECK(!thought.text.empty());

  const std::string body =
      R"({"model":"claude-opus-5-5","max_tokens":9,"stream":true,"tools":[{"name":"other"},{"name":"weather","input_schema":
      {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"},
       "unit":{"enum":["C","F"]},"x":{"type":"string"}},
      "required":["city","days","unit"]}}],"tool_choice":{"type":"tool","name":"weather"},
      "messages":[{"role":"user","content":"a"}]})";
  const Streamed called = read_stream(post(body).body);
  CHECK(called.stop_reason == "tool_use");
  CHECK(called.input == R"({"city":"example","days":1,"unit":"C"})");
}

TEST_CASE_FIXTURE(Fixture, "simulator: the first source with citations is cited") {
  const Streamed s = read_stream(
      post(R"({"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":[
      {"type":"search_result","source":"off","title":"t","content":[{"type":"text","text":"No."}]},
      {"type":"search_result","source":"doc_1","title":"Rivers","citations":{"enabled":true},
       "content":[{"type":"text","text":"# Rivers"},{"type":"text","text":"A weir is a low dam. It is old."}]},
      {"type":"text","text":"What is a weir?"}]}]})")
          .body);
  CHECK(s.text == "The documents say: A weir is a low dam.");
  CHECK(s.citation.at("type") == "search_result_location");
  CHECK(s.citation.at("search_result_index") == 1);
  CHECK(s.citation.at("source") == "doc_1");
  CHECK(s.citation.at("cited_text") == "A weir is a low dam. It is old.");
  CHECK(s.citation.at("start_block_index") == 1);
  CHECK(s.citation.at("end_block_index") == 2);

  const json::value whole =
      parse_json(post(R"({"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":[
      {"type":"document","title":"D","citations":{"enabled":true},
       "source":{"type":"text","media_type":"text/plain","data":"Größe zählt. Ja."}}]}]})")
                     .body)
          .value();
  const json::value& citation = whole.at("content").at(1).at("citations").at(0);
  CHECK(citation.at("type") == "char_location");
  CHECK(citation.at("cited_text") == "Größe zählt.");
  CHECK(citation.at("end_char_index") == 12);
}

TEST_CASE_FIXTURE(Fixture, "simulator: refusals have the API's envelope") {
  const std::pair<std::string_view, std::string_view> bad[] = {
      {R"({"model":"gpt-4","max_tokens":1,"messages":[{"role":"user","content":"a"}]})", "model: gpt-4"},
      {R"({"model":"claude-opus-5-5","messages":[{"role":"user","content":"a"}]})",
       "max_tokens: Field required"},
      {R"({"model":"claude-opus-5-5","max_tokens":1})", "messages: Field required"},
      {R"({"model":)", "the body is not valid JSON: incomplete JSON at byte 9"}};
  for (const auto& [body, message] : bad) {
    const Answer answer = post(body);
    CHECK(answer.status == (message == "model: gpt-4" ? 404 : 400));
    CHECK(std::string(error_of(answer).at("message").as_string()) == message);
    CHECK(parse_json(answer.body)->at("request_id").as_string() == answer.headers.get("request-id"));
  }
  net::ClientRequest no_key{.target = "/v1/messages", .body = kQuestion};
  const Answer refused = send(std::move(no_key));
  CHECK(refused.status == 401);
  CHECK(error_of(refused).at("message") == "invalid x-api-key");
  CHECK(post(kQuestion, {}, "/v1/nothing").status == 404);
}

TEST_CASE_FIXTURE(Fixture, "simulator: models, token counts, statistics") {
  const json::value models = parse_json(get("/v1/models").body).value();
  CHECK(models.at("data").as_array().size() > 3);
  CHECK(models.at("has_more") == false);
  CHECK(parse_json(get("/v1/models/claude-opus-5-5").body)->at("id") == "claude-opus-5-5");
  CHECK(get("/v1/models/nothing").status == 404);
  const Answer counted =
      post(R"({"model":"claude-opus-5-5","messages":[{"role":"user","content":"twelve chars"}]})", {},
           "/v1/messages/count_tokens");
  CHECK(counted.body == R"({"input_tokens":4})");
  post(kStreamedQuestion);
  const json::value stats = parse_json(get("/__stats").body).value();
  CHECK(stats.at("requests") == 5);
  CHECK(stats.at("completed") == 5);
  CHECK(stats.at("aborted") == 0);
  CHECK(stats.at("connections") == 1);
}

TEST_CASE_FIXTURE(Fixture, "simulator: faults that have a status") {
  const Answer limited = post(kQuestion, "429=7");
  CHECK(limited.status == 429);
  CHECK(limited.headers.get("retry-after") == "7");
  CHECK(error_of(limited).at("type") == "rate_limit_error");
  CHECK(error_of(post(kQuestion, "500")).at("type") == "api_error");
  CHECK(error_of(post(kQuestion, " 529 , first_delay_ms=1")).at("type") == "overloaded_error");
  CHECK(post(kQuestion, "status=503").status == 503);
  const Answer unknown = post(kQuestion, "explode");
  CHECK(unknown.status == 400);
  CHECK(unknown.body.contains("explode"));
  for (const std::string_view bad : {"status=99", "events=x", "cut=1", "times=-1", "429=soon"})
    CHECK(post(kQuestion, bad).status == 400);
}

TEST_CASE_FIXTURE(Fixture, "simulator: faults of a stream") {
  CHECK(read_stream(post(kStreamedQuestion, "error_first").body).names == "error ");
  const Answer midway = post(kStreamedQuestion, "error_midway");
  CHECK(midway.outcome.has_value());
  CHECK(read_stream(midway.body).names ==
        "message_start content_block_start ping content_block_delta error ");
  const Answer cut = post(kStreamedQuestion, "cut");
  REQUIRE_FALSE(cut.outcome);
  CHECK(cut.outcome.error().code == Code::upstream_failed);
  CHECK(cut.body.contains("content_block_delta"));
  CHECK(!cut.body.contains("message_stop"));
  CHECK_FALSE(post(kQuestion, "cut").outcome);
  CHECK(post(kStreamedQuestion, "wrong_content_type").headers.get("content-type").starts_with("text/html"));
  CHECK(post(kStreamedQuestion, "malformed_sse").body.contains("\"delta\":{\"type\":\n\n"));
  CHECK(simulator.stats().aborted == 3);  // error_midway and twice cut

  const auto begun = std::chrono::steady_clock::now();
  CHECK(post(kStreamedQuestion, "events=3,event_delay_ms=20,first_delay_ms=50").outcome.has_value());
  CHECK(std::chrono::steady_clock::now() - begun >= 50ms + 9 * 20ms);
}

TEST_CASE_FIXTURE(Fixture, "simulator: stalls, which the client's limits end") {
  timeouts.first_byte = timeouts.idle = 150ms;
  CHECK(post(kStreamedQuestion, "stall_first").outcome.error().code == Code::timed_out);
  const Answer stalled = post(kStreamedQuestion, "stall");
  CHECK(stalled.outcome.error().code == Code::timed_out);
  CHECK(stalled.body.contains("content_block_delta"));
  CHECK(post(kQuestion, "stall").outcome.error().code == Code::timed_out);
  timeouts.first_byte = 150ms;
  CHECK(post(kQuestion, "first_delay_ms=20000").outcome.error().code == Code::timed_out);
  // Each of them sees the client leave, wherever it waits.
  const auto limit = std::chrono::steady_clock::now() + 2s;
  while (simulator.stats().aborted < 4 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  CHECK(simulator.stats().aborted == 4);
  CHECK(simulator.stats().completed == 0);
}

TEST_CASE_FIXTURE(Fixture, "simulator: a fault only for the first requests of one id") {
  const auto status = [this](std::string_view id) {
    net::ClientRequest request{
        .target = "/v1/messages",
        .headers = {{"x-api-key", "k"}, {"x-weir-fault", "529,times=2"}, {"x-weir-fault-id", id}},
        .body = kQuestion};
    return send(std::move(request)).status;
  };
  CHECK(status("a") == 529);
  CHECK(status("a") == 529);
  CHECK(status("b") == 529);
  CHECK(status("a") == 200);
  CHECK(status("b") == 529);
  CHECK(status("b") == 200);
}

// A directory of recordings that goes with the test.
struct RecordingsDirectory {
  std::string path;
  RecordingsDirectory() {
    char name[] = "/tmp/weir-recordings-XXXXXX";
    path = ::mkdtemp(name);
    write(
        "stream.json",
        R"({"request":{"method":"POST","path":"/v1/messages?beta=true","body":{"model":"claude-opus-5-5","stream":true,
        "messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}},
        "response":{"status":200,"headers":{"content-type":"text/event-stream",
        "transfer-encoding":"chunked","request-id":"req_1"},
        "sse_text":"event: a\ndata: {\"x\": 1   }\n\nevent: b\ndata: 2\n\nrest"}})");
    write(
        "whole.json",
        R"({"request":null,"response":{"status":404,"headers":{"content-type":"application/json"},"body":{"b": 0.10, "a":[1,2 ]}}})");
    write("binary.json", R"({"response":{"status":200,"headers":{},"body_base64":"AAH/"}})");
  }
  ~RecordingsDirectory() { std::filesystem::remove_all(path); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path + "/" + name) << text;
  }
};

TEST_CASE("simulator: recordings are served byte for byte") {
  const RecordingsDirectory directory;
  Fixture f(SimulatorConfig{.recordings_directory = directory.path});
  const auto recorded = [&f](std::string_view name) {
    net::ClientRequest request{
        .target = "/v1/messages", .headers = {{"x-api-key", "k"}, {"x-weir-recording", name}}, .body = "{}"};
    return f.send(std::move(request));
  };
  const Answer stream = recorded("stream.json");
  CHECK(stream.body == "event: a\ndata: {\"x\": 1   }\n\nevent: b\ndata: 2\n\nrest");
  CHECK(stream.headers.get("request-id") == "req_1");
  const Answer whole = recorded("whole");
  CHECK(whole.status == 404);
  CHECK(whole.body == R"({"b": 0.10, "a":[1,2 ]})");
  CHECK(recorded("binary").body == std::string("\0\1\xFF", 3));
  CHECK(recorded("absent").status == 404);

  const Answer matched = f.post(
      R"({"max_tokens":1,"model":"claude-opus-5-5","stream":true,"messages":[{"role":"user","content":"Hi"}]})");
  CHECK(matched.body == stream.body);
  const Answer other =
      f.post(R"({"max_tokens":1,"model":"claude-opus-5-5","messages":[{"role":"user","content":"Hi"}]})");
  CHECK(other.body.contains("simulated provider"));
}

TEST_CASE("simulator: what cannot be loaded is named") {
  SystemClock clock;
  SystemRandom random;
  CHECK_FALSE(Simulator(SimulatorConfig{.recordings_directory = "/nowhere"}, clock, random).load());
  CHECK_FALSE(Simulator(SimulatorConfig{.faults = "bang"}, clock, random).load());
  const RecordingsDirectory directory;
  directory.write("broken.json", "{\"response\":");
  const auto loaded =
      Simulator(SimulatorConfig{.recordings_directory = directory.path}, clock, random).load();
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.starts_with("broken.json: "));
}

// WEIR_RECORDINGS names a directory of real recordings, which are too large to lie beside the code.
TEST_CASE("simulator: every real recording arrives as it was recorded" *
          doctest::skip(::getenv("WEIR_RECORDINGS") == nullptr)) {
  const std::string directory = ::getenv("WEIR_RECORDINGS");
  Fixture f(SimulatorConfig{.recordings_directory = directory});
  int streams = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const json::value response = parse_json(text).value().at("response");
    net::ClientRequest request{
        .target = "/v1/messages", .headers = {{"x-api-key", "k"}, {"x-weir-recording", name}}, .body = "{}"};
    const Answer answer = f.send(std::move(request));
    CHECK(answer.outcome.has_value());
    CHECK(answer.status == response.at("status").as_int64());
    if (const json::value* const sse = find_member(response, "sse_text")) {
      CHECK((answer.body == sse->as_string()));
      ++streams;
    } else if (const json::value* const body = find_member(response, "body")) {
      CHECK((parse_json(answer.body).value() == *body));
    }
  }
  CHECK(streams > 0);
}

}  // namespace
}  // namespace weir::ops::upstream

// Cassettes as files, and the secrets that must not be in them.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/random.h"
#include "data/cassettes/writer.h"
#include "data_temporary_directory.h"

namespace weir::data {
namespace {

Cassette example() {
  Cassette cassette{.name = "one", .recorded_at = std::chrono::seconds(1'790'000'000)};
  cassette.request = {
      .method = "POST", .path = "/v1/messages?beta=true", .headers = {{"anthropic-beta", "a"}}};
  cassette.request.headers.add("anthropic-beta", "b");
  cassette.request.body = "{\"temperature\": 1.00,\n \"text\":\"\\u00fc \xE2\x82\xAC\"}";
  cassette.response = {.status = 200, .headers = {{"content-type", "text/event-stream"}}};
  cassette.response.body = "event: a\ndata: \"x\"\n\n: \xF0\x9F\x98\x80\r\n\r\n";
  cassette.response.is_stream = true;
  cassette.response.chunks = {
      {.at = std::chrono::microseconds(1'500), .size = 10},
      {.at = std::chrono::milliseconds(20), .size = cassette.response.body.size() - 10}};
  return cassette;
}

void check_equal(const Cassette& read, const Cassette& written) {
  CHECK(read.recorded_at == written.recorded_at);
  CHECK(read.request.method == written.request.method);
  CHECK(read.request.path == written.request.path);
  CHECK(read.request.headers.joined("anthropic-beta") == written.request.headers.joined("anthropic-beta"));
  CHECK(read.request.body == written.request.body);
  CHECK(read.response.status == written.response.status);
  CHECK(read.response.body == written.response.body);
  CHECK(read.response.is_stream == written.response.is_stream);
  CHECK(read.response.cut == written.response.cut);
  REQUIRE(read.response.chunks.size() == written.response.chunks.size());
  for (std::size_t i = 0; i < read.response.chunks.size(); ++i) {
    CHECK(read.response.chunks[i].size == written.response.chunks[i].size);
    CHECK(read.response.chunks[i].at == written.response.chunks[i].at);
  }
}

TEST_CASE("a cassette is read as it was written, whatever its bodies are") {
  Cassette cassette = example();
  SUBCASE("a stream") {}
  SUBCASE("JSON, spelled its own way") {
    cassette.response.is_stream = false;
    cassette.response.body = "{\"b\": 1.10, \"a\":[1e3 , null]}";
    cassette.response.chunks.clear();
  }
  SUBCASE("JSON with space around it is text") {
    cassette.response.is_stream = false;
    cassette.response.body = " {} \n";
    cassette.response.chunks.clear();
  }
  SUBCASE("bytes") {
    cassette.response.is_stream = false;
    cassette.response.body = std::string("\0\xFF\x80 frames", 10);
    cassette.response.chunks = {{.at = {}, .size = 10}};
    cassette.response.cut = true;
  }
  SUBCASE("nothing") {
    cassette.request.body.clear();
    cassette.response = {.status = 204};
  }
  const auto read = read_cassette("one", write_cassette(cassette));
  REQUIRE(read);
  check_equal(*read, cassette);
}

TEST_CASE("other recorders' files are read, and files of another version are refused") {
  const auto foreign = read_cassette(
      "x",
      R"({"request":null,"response":{"status":429,"headers":{"date":"now","a":"b"},"body":{"n": 1.0}}})");
  REQUIRE(foreign);
  CHECK(foreign->request.path.empty());
  CHECK(foreign->response.body == "{\"n\": 1.0}");
  CHECK_FALSE(foreign->response.headers.contains("date"));
  CHECK_FALSE(read_cassette("x", R"({"weir_cassette":2,"response":{"status":200}})"));
  CHECK_FALSE(read_cassette("x", R"({"request":{}})"));
  CHECK_FALSE(read_cassette("x", R"({"response":{"status":200,"body_base64":"?"}})"));
  CHECK_FALSE(read_cassette("x", "not JSON"));
  const auto odd = read_cassette("x", R"({"response":{"status":200,"body_text":"abc","chunks":[[0,2]]}})");
  REQUIRE(odd);
  CHECK(odd->response.chunks.empty());  // they do not add up
}

TEST_CASE("names sort by time and are fit for files") {
  const Cassette cassette = example();
  const std::string name = cassette_name(cassette, 0xABCDEF);
  CHECK(name == "20260921T141320.000Z-post-v1-messages-abcdef");
}

// Each is a canary: it must be nowhere in what is written.
constexpr std::string_view kCanaries[] = {
    "sk-ant-api03-CANARYCANARYCANARY-AA",
    "sk-proj-CANARY_CANARY_CANARY_12",
    "AKIACANARYCANARY1234",
    "AIzaCANARYCANARYCANARYCANARYCANARY12345",
    "ghp_CANARYCANARYCANARYCANARYCANARY1",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.CANARYCANARYCANARYCANARY",
    "weir_live_CANARYCANARY_CANARYCANARYCANARYCANARYCANARYCANARYCANARYx_CANARY"};

TEST_CASE("no secret is written, wherever it stands") {
  const Redactor redactor({.names = {"X-Own-Field", "own_member"}, .texts = {"an-own-CANARY-text"}});
  Cassette cassette = example();
  net::Headers& headers = cassette.request.headers;
  headers.add("authorization", "Bearer opaque-CANARY-0123456789");
  headers.add("x-api-key", "plain-CANARY-key");
  headers.add("cookie", "a=cookie-CANARY-1; b=cookie-CANARY-2");
  headers.add("x-amz-security-token", "session-CANARY-token");
  headers.add("x-own-field", "own-CANARY-field");
  headers.add("x-note", "an-own-CANARY-text");
  cassette.request.path = "/v1/messages?key=query-CANARY-key&beta=true&X-Amz-Signature=CANARYCANARY";
  json::object body{{"api_key", "member-CANARY"},
                    {"nested", json::array{json::object{{"client_secret", "CANARY\"with quote"}}}},
                    {"own_member", "CANARY"},
                    {"repeats", "plain-CANARY-key and query-CANARY-key and cookie-CANARY-2"},
                    {"escaped", R"({"password":"CANARY in a string"})"},
                    {"pem", "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----"}};
  std::string text = json::serialize(body);
  for (const std::string_view canary : kCanaries) text += " " + std::string(canary) + ",";
  cassette.request.body = text;
  cassette.response.headers.add("set-cookie", "session=CANARY");
  cassette.response.headers.add("anthropic-organization-id", "org-CANARY");
  cassette.response.headers.add("anthropic-ratelimit-tokens-remaining", "1000");
  cassette.response.body =
      "data: {\"echo\":\"opaque-CANARY-0123456789\"}\n\ndata: " + std::string(kCanaries[0]) + "\n\n";
  cassette.response.chunks = {{.size = 20}, {.size = 35}, {.size = cassette.response.body.size() - 55}};
  redactor.redact(cassette);
  const std::string written = write_cassette(cassette);
  CHECK_MESSAGE(written.find("CANARY") == std::string::npos, written);
  CHECK(written.contains("beta=true"));
  CHECK(cassette.response.headers.get("anthropic-ratelimit-tokens-remaining") == "1000");
  std::size_t sum = 0;
  for (const CassetteChunk& chunk : cassette.response.chunks) sum += chunk.size;
  CHECK(sum == cassette.response.body.size());
  CHECK(cassette.response.chunks[0].size == 15 + kRedacted.size());  // it ended within the secret
}

TEST_CASE("what is no secret stays") {
  const Redactor redactor({});
  Cassette cassette = example();
  const std::string kept =
      R"({"input":{"key":"C major","token":"a word","secret":"of the garden"},"signature":"EqQBCgIYAhIM0d1/AB+z==",)"
      R"("text":"a task-force, risk-averse; sk-short; Bearer of news; max_tokens"})";
  cassette.request.body = kept;
  redactor.redact(cassette);
  CHECK(cassette.request.body == kept);
  CHECK(cassette.response.body == example().response.body);
}

TEST_CASE("the writer writes whole files, and counts what does not fit") {
  weir::test::TemporaryDirectory directory;
  const std::string where = (directory.path() / "new" / "cassettes").string();
  const SystemClock clock;
  SeededRandom random(5);
  observe::Log log({.level = observe::Level::error}, clock);
  observe::Metrics metrics;
  {
    CassetteWriter writer({.directory = where, .queue_size_max = 100'000}, random, log, metrics);
    REQUIRE(writer.open());
    for (int i = 0; i < 5; ++i) writer.write(example());
    Cassette large = example();
    large.response.body.assign(200'000, 'x');
    writer.write(std::move(large));
    writer.finish();
    CHECK(writer.written() == 5);
    CHECK(writer.dropped() == 1);
  }
  const auto read = load_cassettes(where);
  REQUIRE(read);
  CHECK(read->size() == 5);
  check_equal((*read)[0], example());
  CHECK(metrics.prometheus_text().contains("weir_cassettes_dropped_total{reason=\"queue_full\"} 1"));
}

}  // namespace
}  // namespace weir::data

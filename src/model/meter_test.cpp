#include "model/meter.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/random.h"
#include "model_recordings.h"

namespace weir::model {
namespace {

using data::Usage;

std::string event(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}

Meter metered(MeterKind kind, std::string_view text) {
  Meter meter(kind);
  meter.feed(text);
  meter.finish();
  return meter;
}

Meter metered_stream(std::string_view text) {
  return metered(MeterKind::event_stream, text);
}

// ---- An independent reading of a recording: whole documents, no increments. ----

std::int64_t number(const json::value* value, std::int64_t otherwise) {
  return value != nullptr && value->is_int64() ? value->as_int64() : otherwise;
}

const json::value* member(const json::value* value, std::string_view name) {
  return value == nullptr ? nullptr : find_member(*value, name);
}

// Later objects correct the earlier field by field.
Usage expected_usage(const std::vector<json::value>& usages) {
  Usage u;
  std::int64_t writes = 0;
  for (const json::value& usage : usages) {
    u.input_tokens = number(member(&usage, "input_tokens"), u.input_tokens);
    u.output_tokens = number(member(&usage, "output_tokens"), u.output_tokens);
    u.cache_read_tokens = number(member(&usage, "cache_read_input_tokens"), u.cache_read_tokens);
    writes = number(member(&usage, "cache_creation_input_tokens"), writes);
    const json::value* split = member(&usage, "cache_creation");
    u.cache_write_1h_tokens = number(member(split, "ephemeral_1h_input_tokens"), u.cache_write_1h_tokens);
    u.web_search_requests =
        number(member(member(&usage, "server_tool_use"), "web_search_requests"), u.web_search_requests);
  }
  u.cache_write_5m_tokens = writes - u.cache_write_1h_tokens;
  return u;
}

std::vector<json::value> usages_of_stream(const std::string& text) {
  std::vector<json::value> usages;
  for (std::size_t at = text.find("data:"); at != std::string::npos; at = text.find("\ndata:", at + 1)) {
    const std::size_t begin = text.find(':', at) + 1;
    const json::value data = json::parse(text.substr(begin, text.find('\n', begin) - begin));
    const json::value* usage = member(&data, "usage");
    if (usage == nullptr) usage = member(member(&data, "message"), "usage");
    if (usage != nullptr) usages.push_back(*usage);
  }
  return usages;
}

std::vector<json::value> responses() {
  std::vector<json::value> out;
  for (Recording& recording : recordings("anthropic")) out.push_back(std::move(recording.response));
  return out;
}

}  // namespace

TEST_CASE("meter: every recorded stream, in any pieces, ends with the usage that its recording ends with") {
  SeededRandom random(3);
  int streams = 0;
  for (const json::value& response : responses()) {
    const json::value* recorded = find_member(response, "sse_text");
    if (recorded == nullptr) continue;
    ++streams;
    const std::string text(recorded->as_string());
    const std::vector<json::value> usages = usages_of_stream(text);
    for (const std::size_t piece_max :
         {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{20'000}, text.size()}) {
      Meter meter(MeterKind::event_stream);
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = piece_max == 1 ? 1 : 1 + random.next_u64() % piece_max;
        meter.feed(std::string_view(text).substr(at, size));
        at += size;
      }
      meter.finish();
      CHECK(meter.ended());
      CHECK(meter.open_size() == 0);
      CHECK(meter.usage() == expected_usage(usages));
      CHECK_FALSE(meter.usage_estimated());
    }
  }
  MESSAGE("recorded Messages streams metered: " << streams);
}

TEST_CASE("meter: every recorded message in one piece gives its usage") {
  int messages = 0;
  for (const json::value& response : responses()) {
    const json::value* body = find_member(response, "body");
    if (body == nullptr || string_member(*body, "type") != "message") continue;
    ++messages;
    const Meter meter = metered(MeterKind::json, json::serialize(*body));
    CHECK(meter.usage() == expected_usage({body->at("usage")}));
    CHECK_FALSE(meter.usage_estimated());
    CHECK(meter.report().model == string_member(*body, "model"));
  }
  MESSAGE("recorded messages metered: " << messages);
}

TEST_CASE("meter: recorded errors tell their type") {
  int errors = 0;
  for (const json::value& response : responses()) {
    const json::value* body = find_member(response, "body");
    if (body == nullptr || string_member(*body, "type") != "error") continue;
    ++errors;
    const Meter meter = metered(MeterKind::json, json::serialize(*body));
    CHECK(meter.report().error_type == string_member(body->at("error"), "type"));
    CHECK(meter.usage() == Usage());
    CHECK_FALSE(meter.usage_estimated());
  }
  MESSAGE("recorded Anthropic errors metered: " << errors);
}

TEST_CASE("meter: the last value of each field wins, also when it falls") {
  const Meter meter = metered_stream(
      event("message_start",
            R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":100,)"
            R"("cache_read_input_tokens":55096,"cache_creation_input_tokens":30,"cache_creation":)"
            R"({"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":7}}})") +
      event("message_delta",
            R"({"usage":{"cache_read_input_tokens":0,"output_tokens":8},"type":"message_delta"})"));
  CHECK(meter.usage() == Usage{100, 10, 20, 0, 8, 0});
}

TEST_CASE("meter: a total of cache writes beyond its kinds counts as five-minute writes") {
  const auto usage = [](std::string_view text) {
    return metered(MeterKind::json, R"({"type":"message","usage":)" + std::string(text) + "}").usage();
  };
  CHECK(usage(R"({"cache_creation_input_tokens":9})") == Usage{.cache_write_5m_tokens = 9});
  CHECK(usage(R"({"cache_creation":{"ephemeral_1h_input_tokens":4},"cache_creation_input_tokens":9})") ==
        Usage{.cache_write_5m_tokens = 5, .cache_write_1h_tokens = 4});
  CHECK(usage(R"({"cache_creation":{"ephemeral_5m_input_tokens":4}})") == Usage{.cache_write_5m_tokens = 4});
  CHECK(usage(R"({"cache_creation":null,"cache_creation_input_tokens":null,"input_tokens":-5})") == Usage());
}

TEST_CASE("meter: advisors and compactions are told apart from the message's own turns") {
  const Meter meter =
      metered(MeterKind::json, R"({"model":"claude-sonnet-5","usage":{"input_tokens":1,"service_tier":"batch",
"speed":"fast","inference_geo":"us","iterations":[{"type":"message","input_tokens":50},
{"input_tokens":2543,"output_tokens":18,"type":"advisor_message","model":"claude-opus-4-8"},
{"type":"compaction","cache_creation_input_tokens":3,"cache_read_input_tokens":55096}]}})");
  CHECK(meter.usage() == Usage{.input_tokens = 1});
  const auto& steps = meter.report().side_steps;
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].model == "claude-opus-4-8");
  CHECK(steps[0].usage == Usage{.input_tokens = 2543, .output_tokens = 18});
  CHECK(steps[1].model.empty());
  CHECK(steps[1].usage == Usage{.cache_write_5m_tokens = 3, .cache_read_tokens = 55096});
  CHECK(meter.report().modifiers.tier == PriceTier::batch);
  CHECK(meter.report().modifiers.fast);
  CHECK(meter.report().modifiers.us_only);
}

TEST_CASE("meter: a stream that stops early is estimated from what passed") {
  const std::string start =
      event("message_start",
            R"({"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":3}}})");
  const std::string delta = event("content_block_delta", R"({"type":"content_block_delta","index":0,"delta":)"
                                                         R"({"type":"text_delta","text":")" +
                                                             std::string(400, 'x') + "\"}}");
  CHECK(metered_stream("").usage_estimated() == false);
  const Meter begun = metered_stream(start);
  CHECK(begun.usage_estimated());
  CHECK(begun.usage() == Usage{.input_tokens = 25, .output_tokens = 3});
  const Meter half = metered_stream(start + delta + delta);
  CHECK(half.usage_estimated());
  CHECK(half.saw_delta());
  CHECK(half.usage().output_tokens >= 150);
  CHECK(half.usage().output_tokens <= 250);
  CHECK_FALSE(half.ended());
}

TEST_CASE("meter: lines may end in any way, events may lack a name, fields may come in any order") {
  const std::string data = R"({"type":"message_delta","usage":{"output_tokens":5}})";
  for (const std::string& text : std::initializer_list<std::string>{
           "event:message_delta\r\ndata:" + data + "\r\n\r\n", "event: message_delta\rdata: " + data + "\r\r",
           "data: " + data + "\n\n", "data: " + data + "\nevent: message_delta\n\n",
           ": comment\nid: 1\nretry: 5\nevent: message_delta\ndata: " + data + "\n\n",
           "event: message_delta\ndata: {\"type\":\"message_delta\",\ndata: "
           "\"usage\":{\"output_tokens\":5}}\n\n"}) {
    CAPTURE(text);
    for (const std::size_t size : {std::size_t{1}, text.size()}) {
      Meter meter(MeterKind::event_stream);
      for (std::size_t at = 0; at < text.size(); at += size)
        meter.feed(std::string_view(text).substr(at, size));
      CHECK(meter.usage().output_tokens == 5);
      CHECK(meter.open_size() == 0);
    }
  }
}

TEST_CASE("meter: a byte order mark before the first event does not hide it") {
  const std::string stream =
      "\xEF\xBB\xBF" +
      std::string(R"(data: {"type":"message_start","message":{"usage":{"input_tokens":5}}})") + "\n\n" +
      event("message_delta", R"({"type":"message_delta","usage":{"output_tokens":9}})");
  for (const std::size_t size : {stream.size(), std::size_t{1}}) {
    Meter meter(MeterKind::event_stream);
    for (std::size_t at = 0; at < stream.size(); at += size) meter.feed(stream.substr(at, size));
    CHECK(meter.usage().input_tokens == 5);
    CHECK(meter.usage().output_tokens == 9);
  }
}

TEST_CASE("meter: knows where an event is open") {
  Meter meter(MeterKind::event_stream);
  CHECK(meter.open_size() == 0);
  for (const auto& [piece, open] :
       {std::pair{"event: ping", 11}, std::pair{"\n", 12}, std::pair{"data: {}\n", 21}, std::pair{"\n", 0},
        std::pair{"\n", 0}, std::pair{": c", 3}, std::pair{"\r\n\r", 0}, std::pair{"\n", 0},
        std::pair{"data: 1\n\ndata", 4}, std::pair{": 2\r", 8}, std::pair{"\n", 9}, std::pair{"\r\n", 0}}) {
    meter.feed(piece);
    CHECK(meter.open_size() == static_cast<std::uint64_t>(open));
  }
  CHECK_FALSE(meter.ended());
}

TEST_CASE("meter: what is too large to keep is estimated, not forgotten") {
  Meter json(MeterKind::json, Dialect::messages, {.json_size_max = 100});
  for (int i = 0; i < 10; ++i) json.feed(std::string(80, ' '));
  json.finish();
  CHECK(json.usage_estimated());
  CHECK(json.usage().output_tokens == 200);

  Meter stream(MeterKind::event_stream, Dialect::messages, {.event_size_max = 100});
  stream.feed(event("message_start", R"({"type":"message_start","message":{"usage":{"output_tokens":3}}})"));
  const std::string usage = "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}";
  stream.feed(event("message_delta", usage + std::string(200, ' ') + "}"));
  CHECK(stream.usage_estimated());
  CHECK(stream.usage().output_tokens == 3);
}

TEST_CASE("meter: an answer in one piece that tells no usage is estimated, never free") {
  const std::string answer = R"({"type":"message","model":"m","content":[{"type":"text","text":")" +
                             std::string(400, 'x') + R"("}]})";
  Meter meter = metered(MeterKind::json, answer);
  meter.assume_prompt_tokens(25);
  CHECK(meter.usage_estimated());
  CHECK(meter.usage().output_tokens >= 100);
  CHECK(meter.usage().input_tokens == 25);
  CHECK(metered(MeterKind::json, R"({"type":"message"})").usage_estimated());

  const Meter error = metered(MeterKind::json, R"({"type":"error","error":{"type":"overloaded_error"}})");
  CHECK_FALSE(error.usage_estimated());
  CHECK(error.usage() == data::Usage());
}

TEST_CASE("meter: broken and hostile JSON does no harm") {
  for (const std::string_view data :
       {"{", "[]", "null", "{\"type\":", R"({"type":"message_delta","usage":[]})",
        R"({"type":"message_delta","usage":{"output_tokens":1e99}})",
        R"({"type":"message_delta","usage":{"iterations":[[]]}})",
        R"({"type":"message_start","message":{"message":{"message":{}}}})"}) {
    CAPTURE(data);
    CHECK(metered_stream(event("message_delta", data)).usage().output_tokens == 0);
  }
  const Meter huge = metered_stream(
      event("message_delta", R"({"type":"message_delta","usage":{"output_tokens":9223372036854775807}})"));
  CHECK(huge.usage().output_tokens == 1'000'000'000'000);
}

}  // namespace weir::model

// The meter on the answers of OpenAI and Bedrock; meter_test.cpp has those of the Messages API.
#include <doctest/doctest.h>

#include <map>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "model/meter.h"
#include "model/usage/prompt_estimate.h"
#include "model_recordings.h"

namespace weir::model {
namespace {

using data::Usage;

net::Headers fields(std::string_view type) {
  return {{"content-type", type}};
}

std::unique_ptr<AnswerMeter> metered(Dialect dialect, std::string_view type, std::string_view text) {
  auto meter = meter_of(dialect)(fields(type));
  meter->feed(text);
  meter->finish();
  return meter;
}

std::unique_ptr<AnswerMeter> metered_stream(Dialect dialect, std::string_view text) {
  return metered(dialect, "text/event-stream; charset=utf-8", text);
}

std::unique_ptr<AnswerMeter> metered_json(Dialect dialect, std::string_view text) {
  return metered(dialect, "application/json", text);
}

std::string framed(std::vector<net::FrameHeader> headers, std::string_view payload) {
  std::string out;
  CHECK(net::append_frame(out, {std::move(headers), payload}).has_value());
  return out;
}

std::string event_frame(std::string_view event, std::string_view payload) {
  return framed({{.name = ":event-type", .bytes = event}, {.name = ":message-type", .bytes = "event"}},
                payload);
}

std::string chunk_frame(std::string_view json) {
  return event_frame("chunk", R"({"bytes":")" + to_base64(json) + R"(","p":"abc"})");
}

std::unique_ptr<AnswerMeter> metered_frames(std::string_view frames) {
  return metered(Dialect::bedrock_invoke, "application/vnd.amazon.eventstream", frames);
}

// ---- An independent reading of a recording: whole documents. ----

std::int64_t count(const json::value* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : find_member(*object, name);
  return value == nullptr || !value->is_int64() ? 0 : value->as_int64();
}

Usage openai_usage(const json::value& told) {
  const bool chat = find_member(told, "prompt_tokens") != nullptr;
  const json::value* details = find_member(told, chat ? "prompt_tokens_details" : "input_tokens_details");
  const std::int64_t prompt = count(&told, chat ? "prompt_tokens" : "input_tokens");
  Usage usage;
  usage.cache_read_tokens = std::min(prompt, count(details, "cached_tokens"));
  usage.cache_write_5m_tokens = count(details, "cache_write_tokens");
  usage.input_tokens = prompt - usage.cache_read_tokens - usage.cache_write_5m_tokens;
  usage.output_tokens = count(&told, chat ? "completion_tokens" : "output_tokens");
  return usage;
}

Usage bedrock_usage(const json::value& told) {
  const auto either = [&](std::string_view a, std::string_view b) {
    return std::max(count(&told, a), count(&told, b));
  };
  Usage usage{.input_tokens = either("inputTokens", "inputTokenCount"),
              .output_tokens = either("outputTokens", "outputTokenCount")};
  usage.cache_read_tokens = either("cacheReadInputTokens", "cacheReadInputTokenCount");
  usage.cache_write_5m_tokens = either("cacheWriteInputTokens", "cacheWriteInputTokenCount");
  if (find_member(told, "input_tokens") == nullptr) return usage;
  usage = {.input_tokens = count(&told, "input_tokens"), .output_tokens = count(&told, "output_tokens")};
  usage.cache_read_tokens = count(&told, "cache_read_input_tokens");
  const json::value* split = find_member(told, "cache_creation");
  usage.cache_write_1h_tokens = count(split, "ephemeral_1h_input_tokens");
  usage.cache_write_5m_tokens = count(&told, "cache_creation_input_tokens") - usage.cache_write_1h_tokens;
  return usage;
}

Usage without_searches(Usage usage) {
  usage.web_search_requests = 0;
  return usage;
}

Dialect openai_dialect(std::string_view path) {
  if (path.ends_with("/chat/completions")) return Dialect::chat_completions;
  if (path.ends_with("/responses")) return Dialect::responses;
  return path.ends_with("/embeddings") ? Dialect::embeddings : Dialect::opaque;
}

// The last usage that any event of a stream tells.
json::value last_usage(std::string_view sse) {
  json::value usage;
  for (std::size_t at = sse.find("data: "); at != std::string_view::npos; at = sse.find("\ndata: ", at + 1)) {
    const std::size_t begin = sse.find(' ', at) + 1;
    const std::string_view data = sse.substr(begin, sse.find('\n', begin) - begin);
    if (data == "[DONE]") continue;
    const json::value event = json::parse(data);
    const json::value* holder = find_member(event, "response");
    const json::value* told = find_member(holder == nullptr ? event : *holder, "usage");
    if (told != nullptr && told->is_object()) usage = *told;
  }
  return usage;
}

std::string print(const std::map<std::string, int>& counts) {
  std::string out;
  for (const auto& [name, number] : counts) out += name + " " + std::to_string(number) + ", ";
  return out;
}

// In pieces of random size.
void feed_cut(AnswerMeter& meter, std::string_view text, std::size_t piece_max, Random& random) {
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(1 + random.next_u64() % piece_max, text.size());
    meter.feed(text.substr(0, size));
    text.remove_prefix(size);
  }
  meter.finish();
}

}  // namespace

TEST_CASE("usage: every recorded OpenAI answer gives its final usage, in any pieces") {
  SeededRandom random(5);
  std::map<std::string, int> counts;
  for (const Recording& recording : recordings("openai")) {
    const Dialect dialect = openai_dialect(recording.path);
    if (dialect == Dialect::opaque || recording.response.at("status") != 200) continue;
    CAPTURE(recording.file);
    const json::value* sse = find_member(recording.response, "sse_text");
    const std::string text =
        sse != nullptr ? std::string(sse->as_string()) : json::serialize(recording.response.at("body"));
    const json::value told = sse != nullptr ? last_usage(text) : recording.response.at("body").at("usage");
    ++counts[recording.path.substr(recording.path.rfind('/') + 1) +
             (sse != nullptr ? " streams" : " bodies")];
    for (const std::size_t piece_max : {std::size_t{1}, std::size_t{50}, std::size_t{3'000}, text.size()}) {
      if (piece_max == 1 && text.size() > 100'000) continue;
      const auto meter = meter_of(dialect)(fields(sse != nullptr ? "text/event-stream" : "application/json"));
      feed_cut(*meter, text, piece_max, random);
      CHECK(meter->ended());
      CHECK(meter->at_boundary());
      CHECK(meter->is_stream() == (sse != nullptr));
      CHECK_FALSE(meter->report().model.empty());
      CHECK(meter->usage_estimated() == told.is_null());
      if (told.is_null()) {
        CHECK(meter->usage().output_tokens > 0);
      } else {
        CHECK(without_searches(meter->usage()) == openai_usage(told));
      }
    }
  }
  MESSAGE("recorded OpenAI answers metered: " << print(counts));
}

TEST_CASE("usage: every recorded Bedrock body gives its final usage, from the body or from its fields") {
  std::map<std::string, int> counts;
  for (const Recording& recording : recordings("bedrock")) {
    const json::value* body = find_member(recording.response, "body");
    if (body == nullptr || recording.response.at("status") != 200 ||
        recording.path.ends_with("/count-tokens"))
      continue;
    CAPTURE(recording.file);
    net::Headers answer;
    for (const auto& [name, value] : recording.response.at("headers").as_object()) {
      if (value.is_string()) answer.add(name, std::string_view(value.as_string()));
    }
    const json::value* input =
        recording.response.at("headers").as_object().if_contains("x-amzn-bedrock-input-token-count");
    const auto meter = meter_of(Dialect::bedrock_converse)(answer);
    meter->feed(json::serialize(*body));
    meter->finish();
    CHECK(meter->ended());
    const json::value* told = find_member(*body, "usage");
    if (told != nullptr) {
      ++counts[recording.path.substr(recording.path.rfind('/') + 1) + " with usage"];
      CHECK(meter->usage() == bedrock_usage(*told));
      CHECK_FALSE(meter->usage_estimated());
    } else if (input != nullptr) {
      ++counts["invoke with counts in its fields"];
      CHECK(meter->usage().input_tokens == parse_int(std::string_view(input->as_string())));
      CHECK_FALSE(meter->usage_estimated());
    } else if (const std::int64_t counted =
                   count(body, "inputTextTokenCount") + count(body, "prompt_token_count");
               counted > 0) {
      ++counts["invoke with counts in its body"];
      CHECK(meter->usage().input_tokens == counted);
    } else {
      ++counts["invoke without any count, estimated"];
      CHECK(meter->usage_estimated());
      CHECK(meter->usage().output_tokens > 0);
    }
  }
  MESSAGE("recorded Bedrock bodies metered: " << print(counts));
}

TEST_CASE("usage: every recorded Bedrock stream gives its final usage, in any pieces") {
  SeededRandom random(6);
  std::map<std::string, int> counts;
  for (const Recording& recording : recordings("bedrock")) {
    const json::value* encoded = find_member(recording.response, "body_base64");
    if (encoded == nullptr || !encoded->is_string()) continue;
    CAPTURE(recording.file);
    const std::string bytes = *from_base64(encoded->as_string());
    json::value told;
    net::FrameDecoder decoder;
    CHECK(decoder
              .feed(bytes,
                    [&](const net::Frame& frame) {
                      json::value payload = json::parse(frame.payload);
                      if (const json::value* inner = find_member(payload, "bytes"))
                        payload = json::parse(*from_base64(inner->as_string()));
                      for (const std::string_view name : {"usage", "amazon-bedrock-invocationMetrics"}) {
                        const json::value* usage = find_member(payload, name);
                        if (usage != nullptr && (frame.text(":event-type") == "metadata" || name != "usage"))
                          told = *usage;
                      }
                    })
              .has_value());
    REQUIRE(told.is_object());
    ++counts[recording.path.substr(recording.path.rfind('/') + 1)];
    for (const std::size_t piece_max : {std::size_t{1}, std::size_t{30}, std::size_t{1'000}, bytes.size()}) {
      const auto meter = meter_of(Dialect::bedrock_invoke)(fields("application/vnd.amazon.eventstream"));
      feed_cut(*meter, bytes, piece_max, random);
      CHECK(meter->is_stream());
      CHECK(meter->saw_delta());
      CHECK(meter->ended());
      CHECK(meter->at_boundary());
      CHECK_FALSE(meter->usage_estimated());
      CHECK(meter->usage() == bedrock_usage(told));
      CHECK(meter->report().model.empty());
    }
  }
  MESSAGE("recorded Bedrock streams metered: " << print(counts));
}

TEST_CASE("usage: recorded errors of OpenAI tell their type and cost nothing") {
  int errors = 0;
  for (const Recording& recording : recordings("openai")) {
    const Dialect dialect = openai_dialect(recording.path);
    if (dialect == Dialect::opaque || recording.response.at("status").as_int64() < 400) continue;
    ++errors;
    const json::value& body = recording.response.at("body");
    const auto meter = metered_json(dialect, json::serialize(body));
    CHECK(meter->report().error_type == string_member(body.at("error"), "type"));
    CHECK(meter->usage() == Usage());
    CHECK_FALSE(meter->usage_estimated());
  }
  MESSAGE("recorded OpenAI errors metered: " << errors);
}

TEST_CASE(
    "usage: cached and written tokens are taken out of the prompt, a part beyond it counts as the whole") {
  const auto usage = [](std::string_view told) {
    return metered_json(Dialect::chat_completions, R"({"choices":[],"usage":)" + std::string(told) + "}")
        ->usage();
  };
  CHECK(
      usage(
          R"({"prompt_tokens":100,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":30},)"
          R"("completion_tokens_details":{"reasoning_tokens":8}})") ==
      Usage{.input_tokens = 10, .cache_write_5m_tokens = 30, .cache_read_tokens = 60, .output_tokens = 9});
  CHECK(usage(R"({"prompt_tokens_details":{"cached_tokens":161},"prompt_tokens":24})") ==
        Usage{.cache_read_tokens = 24});
  CHECK(
      usage(R"({"prompt_tokens":24,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":20}})") ==
      Usage{.cache_write_5m_tokens = 4, .cache_read_tokens = 20});
}

TEST_CASE("usage: a chat stream without a usage chunk is estimated, its prompt too") {
  std::string stream;
  for (int i = 0; i < 10; ++i) {
    stream += R"(data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":")" +
              std::string(40, 'x') + "\"}}]}\n\n";
  }
  const auto meter = meter_of(Dialect::chat_completions)(fields("text/event-stream"));
  meter->assume_prompt_tokens(estimated_prompt_tokens(R"({"messages":[{"role":"user","content":"Hello"}]})"));
  CHECK_FALSE(meter->usage_estimated());
  meter->feed(stream);
  CHECK(meter->saw_delta());
  CHECK_FALSE(meter->ended());
  meter->feed("data: [DONE]\n\n");
  meter->finish();
  CHECK(meter->ended());
  CHECK(meter->usage_estimated());
  CHECK(meter->usage() == Usage{.input_tokens = 12, .output_tokens = 100});
}

TEST_CASE("usage: the prompt's estimate counts text by its bytes and attachments by the piece") {
  CHECK(estimated_prompt_tokens(std::string(400, 'x')) == 100);
  const std::string image = "data:image/png;base64," + std::string(100'000, 'A') + "\"";
  CHECK(estimated_prompt_tokens(image + image) < 2'020);
  CHECK(estimated_prompt_tokens(image + image) >= 2'000);
  CHECK(estimated_prompt_tokens("") == 0);
}

TEST_CASE("usage: service tiers reach the price, searches the fee") {
  const auto tier = [](std::string_view name) {
    return metered_json(Dialect::chat_completions,
                        R"({"service_tier":")" + std::string(name) + R"(","usage":{}})")
        ->report()
        .modifiers.tier;
  };
  CHECK(tier("default") == PriceTier::standard);
  CHECK(tier("flex") == PriceTier::flex);
  CHECK(tier("priority") == PriceTier::priority);
  CHECK(tier("batch") == PriceTier::batch);
  const auto response = metered_json(
      Dialect::responses,
      R"({"model":"gpt-5","output":[{"type":"web_search_call","action":{"type":"search"}},{"type":"web_search_call",)"
      R"("action":{"type":"open_page"}},{"type":"message","content":[]}],"service_tier":"flex","usage":{"output_tokens":3}})");
  CHECK(response->usage() == Usage{.output_tokens = 3, .web_search_requests = 1});
  CHECK(response->report().modifiers.tier == PriceTier::flex);
}

TEST_CASE("usage: errors inside streams tell their type") {
  const auto chat = metered_stream(Dialect::chat_completions,
                                   "data: {\"error\":{\"message\":\"m\",\"code\":\"overloaded\"}}\n\n");
  CHECK(chat->report().error_type == "overloaded");
  CHECK(chat->ended());
  const auto event = metered_stream(
      Dialect::responses,
      "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"m\"}\n\n");
  CHECK(event->report().error_type == "server_error");
  const auto failed =
      metered_stream(Dialect::responses,
                     "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":"
                     "{\"error\":{\"code\":\"rate_limit_exceeded\"},\"usage\":null}}\n\n");
  CHECK(failed->report().error_type == "rate_limit_exceeded");
  CHECK(failed->ended());
  const auto frames = metered_frames(framed({{.name = ":exception-type", .bytes = "throttlingException"},
                                             {.name = ":message-type", .bytes = "exception"}},
                                            R"({"message":"slow down"})"));
  CHECK(frames->report().error_type == "throttlingException");
  CHECK(frames->ended());
}

TEST_CASE(
    "usage: Bedrock's frames tell cache writes by their kinds, and are estimated when they stop early") {
  const std::string start = event_frame("messageStart", R"({"role":"assistant"})");
  const std::string delta = event_frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":")" +
                                                                 std::string(400, 'x') + R"("},"p":"ab"})");
  const auto whole = metered_frames(
      start + delta + event_frame("messageStop", R"({"stopReason":"end_turn"})") +
      event_frame(
          "metadata",
          R"({"usage":{"inputTokens":3,"outputTokens":7,"cacheWriteInputTokens":50,)"
          R"("cacheReadInputTokens":20,"cacheDetails":[{"ttl":"1h","inputTokens":40},{"ttl":"5m","inputTokens":10}]}})"));
  CHECK(whole->usage() == Usage{3, 10, 40, 20, 7, 0});
  CHECK_FALSE(whole->usage_estimated());
  const auto half = metered_frames(start + delta);
  CHECK(half->usage_estimated());
  CHECK(half->usage().output_tokens == 100);
  const auto claude = metered_frames(
      chunk_frame(
          R"({"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":9,"cache_creation_input_tokens":8,)"
          R"("cache_creation":{"ephemeral_1h_input_tokens":8}}}})") +
      chunk_frame(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})") +
      chunk_frame(
          R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})") +
      chunk_frame(
          R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":2,"cacheWriteInputTokenCount":8}})"));
  CHECK(claude->usage() == Usage{.input_tokens = 9, .cache_write_1h_tokens = 8, .output_tokens = 2});
  CHECK(claude->saw_delta());
  const auto broken = metered_frames("no frame at all, but long enough");
  CHECK_FALSE(broken->at_boundary());
  CHECK_FALSE(broken->saw_event());
}

}  // namespace weir::model

#include "model/providers/aws/bedrock_ingress.h"

#include <doctest/doctest.h>

#include <set>

#include "base/json.h"
#include "base/text.h"
#include "model/providers/aws/bedrock_reply.h"
#include "net/eventstream/eventstream.h"
#include "shared_data.h"

namespace weir::model {
namespace {

struct Sent {
  std::string type;  // of the message
  std::string kind;  // of the event or exception
  std::string text;  // the event inside, or the exception's payload
};

std::vector<Sent> frames_of(std::string_view sse, ManualClock& clock,
                            std::chrono::milliseconds until_first = {}) {
  MessagesToBedrock translator(clock);
  clock.advance(until_first);
  std::string bytes;
  REQUIRE(translator.feed(sse, bytes));
  clock.advance(std::chrono::milliseconds(100));
  translator.finish(bytes);
  std::vector<Sent> out;
  net::FrameDecoder decoder;
  REQUIRE(decoder.feed(bytes, [&](const net::Frame& frame) {
    CHECK(frame.text(":content-type") == "application/json");
    Sent sent{
        .type = std::string(frame.text(":message-type")), .kind = {}, .text = std::string(frame.payload)};
    sent.kind = sent.type == "event" ? frame.text(":event-type") : frame.text(":exception-type");
    if (sent.type == "event") sent.text = *from_base64(string_member(*parse_json(frame.payload), "bytes"));
    out.push_back(std::move(sent));
  }));
  CHECK(decoder.at_boundary());
  return out;
}

constexpr std::string_view kStart =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,"
    "\"cache_read_input_tokens\":7,\"output_tokens\":1}}   }\n\n";

}  // namespace

TEST_CASE("bedrock ingress: events go out as they came in, without pings, with metrics at the end") {
  ManualClock clock;
  const auto sent =
      frames_of(std::string(kStart) +
                    "event: ping\ndata: {\"type\": \"ping\"}\n\n"
                    "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9,"
                    "\"input_tokens\":6,\"cache_creation_input_tokens\":3}}\n\n"
                    "event: message_stop\ndata: {\"type\":\"message_stop\"   }\n\n",
                clock, std::chrono::milliseconds(40));
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].kind == "chunk");
  CHECK(kStart.contains("data: " + sent[0].text + "\n"));
  CHECK(
      sent[2].text ==
      R"({"type":"message_stop"   ,"amazon-bedrock-invocationMetrics":{"inputTokenCount":6,"outputTokenCount":9,)"
      R"("invocationLatency":40,"firstByteLatency":40,"cacheReadInputTokenCount":7,"cacheWriteInputTokenCount":3}})");
}

TEST_CASE("bedrock ingress: errors and broken streams become exceptions") {
  ManualClock clock;
  const auto last = [&](std::string_view end) {
    return frames_of(std::string(kStart) + std::string(end), clock).back();
  };
  const auto error = [](std::string_view type) {
    return "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" + std::string(type) +
           "\",\"message\":\"why\"}}\n\n";
  };
  for (const auto& [type, kind] : {std::pair{"overloaded_error", "serviceUnavailableException"},
                                   {"rate_limit_error", "throttlingException"},
                                   {"api_error", "internalServerException"},
                                   {"timeout_error", "modelTimeoutException"},
                                   {"invalid_request_error", "validationException"},
                                   {"brand_new_error", "internalServerException"}}) {
    const Sent sent = last(error(type));
    CHECK(sent.type == "exception");
    CHECK(sent.kind == kind);
    CHECK(sent.text == R"({"message":"why"})");
  }
  CHECK(last("").kind == "modelStreamErrorException");
}

TEST_CASE("bedrock ingress: sizes of frames do not tell the lengths of short words") {
  ManualClock clock;
  const auto size = [&](std::string_view word) {
    MessagesToBedrock translator(clock);
    std::string bytes;
    REQUIRE(translator.feed(
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"" + std::string(word) + "\"}}\n\n",
        bytes));
    return bytes.size();
  };
  std::set<std::size_t> sizes;
  for (std::size_t length = 1; length <= 36; ++length) sizes.insert(size(std::string(length, 'x')));
  CHECK(sizes.size() <= 2);
}

TEST_CASE("bedrock ingress: fields of an answer as recorded ones have them") {
  const auto all = test::recordings("bedrock");
  if (all.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  int seen = 0;
  for (const test::Recording& recording : all) {
    const json::value* request = find_member(recording.exchange, "request");
    const json::value& response = *find_member(recording.exchange, "response");
    const json::value& headers = *find_member(response, "headers");
    if (request == nullptr || !string_member(*request, "path").contains("anthropic.")) continue;
    if (string_member(headers, "x-amzn-bedrock-input-token-count").empty()) continue;
    const json::value& body = *find_member(response, "body");
    if (find_member(body, "usage") == nullptr) continue;  // text completions of Claude 2
    CAPTURE(recording.name);
    const std::string_view latency = string_member(headers, "x-amzn-bedrock-invocation-latency");
    const net::Headers fields =
        bedrock_reply_fields(json::serialize(body), string_member(headers, "x-amzn-requestid"),
                             std::chrono::milliseconds(*parse_int(latency)));
    for (const auto& [name, value] : headers.as_object()) {
      if (!name.starts_with("x-amzn-bedrock")) continue;
      CAPTURE(std::string(name));
      CHECK(fields.get(name) == std::string_view(value.as_string()));
    }
    ++seen;
  }
  CHECK(seen >= 8);
  CHECK(bedrock_stream_fields("id").get("content-type") == "application/vnd.amazon.eventstream");
}

TEST_CASE("bedrock ingress: errors as Bedrock answers them") {
  const BedrockError error =
      bedrock_error(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  CHECK(error.status == 503);
  CHECK(error.type == "ServiceUnavailableException");
  CHECK(error.body == R"({"message":"Overloaded"})");
  CHECK(bedrock_error(413, "").type == "ValidationException");
  CHECK(bedrock_error(500, "<html>").status == 500);
}

}  // namespace weir::model

#include "model/providers/aws/bedrock_reply.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/text.h"
#include "model/providers/aws/bedrock_ingress.h"
#include "net/sse/sse.h"
#include "shared_data.h"

namespace weir::model {
namespace {

std::string translated(ReplyTranslator& translator, std::string_view bytes, std::size_t piece_size) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
    REQUIRE(translator.feed(bytes.substr(at, piece_size), out));
  }
  translator.finish(out);
  return out;
}

std::string to_sse(std::string_view frames, std::size_t piece_size = 1'000'000) {
  BedrockToMessages translator;
  return translated(translator, frames, piece_size);
}

std::string to_frames(std::string_view sse, std::size_t piece_size = 1'000'000) {
  const ManualClock clock;
  MessagesToBedrock translator(clock);
  return translated(translator, sse, piece_size);
}

std::string frame(std::string_view kind_name, std::string_view kind, std::string_view type,
                  std::string_view payload) {
  net::Frame made;
  made.headers = {{.name = kind_name, .bytes = kind}, {.name = ":message-type", .bytes = type}};
  made.payload = payload;
  std::string out;
  REQUIRE(net::append_frame(out, made));
  return out;
}

std::string chunk(std::string_view event) {
  return frame(":event-type", "chunk", "event", R"({"bytes":")" + to_base64(event) + R"("})");
}

// The events inside, by an independent reading: payload after payload through a JSON document.
std::vector<std::string> inner_events(std::string_view frames) {
  std::vector<std::string> out;
  while (!frames.empty()) {
    const auto number = [&](std::size_t at) {
      std::size_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value * 256 + static_cast<unsigned char>(frames[at + i]);
      return value;
    };
    const std::size_t total = number(0);
    const std::size_t payload_at = 12 + number(4);
    const auto payload = parse_json(frames.substr(payload_at, total - 4 - payload_at));
    REQUIRE(payload);
    out.push_back(*from_base64(string_member(*payload, "bytes")));
    frames.remove_prefix(total);
  }
  return out;
}

std::vector<std::string> data_of(std::string_view sse) {
  std::vector<std::string> out;
  net::SseParser parser;
  REQUIRE(parser.feed(sse, [&](const net::SseEvent& event) {
    out.emplace_back(event.data);
    CHECK(event.event == string_member(*parse_json(event.data), "type"));
  }));
  return out;
}

std::vector<std::pair<std::string, std::string>> recorded_streams() {
  std::vector<std::pair<std::string, std::string>> out;
  for (const test::Recording& recording : test::recordings("bedrock")) {
    const json::value* request = find_member(recording.exchange, "request");
    const std::string_view path = request == nullptr ? "" : string_member(*request, "path");
    if (!path.contains("anthropic.") || !path.ends_with("/invoke-with-response-stream")) continue;
    const std::string_view coded = string_member(*find_member(recording.exchange, "response"), "body_base64");
    if (!coded.empty()) out.emplace_back(recording.name, *from_base64(coded));
  }
  return out;
}

}  // namespace

TEST_CASE("bedrock reply: recorded streams become the events that are inside, byte for byte") {
  const auto streams = recorded_streams();
  if (streams.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  CHECK(streams.size() == 5);
  for (const auto& [name, frames] : streams) {
    CAPTURE(name);
    const std::string sse = to_sse(frames);
    CHECK(data_of(sse) == inner_events(frames));
    CHECK(sse.contains("event: message_stop\n"));
    for (const std::size_t piece : {1U, 7U, 100U}) CHECK(to_sse(frames, piece) == sse);
    // And back: other frames, the same events.
    const std::string again = to_frames(sse);
    CHECK(inner_events(again) == inner_events(frames));
    CHECK(to_frames(sse, 3) == again);
    CHECK(to_sse(again) == sse);
  }
}

TEST_CASE("bedrock reply: recorded answers and errors") {
  const auto all = test::recordings("bedrock");
  if (all.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  int errors = 0;
  for (const test::Recording& recording : all) {
    CAPTURE(recording.name);
    const json::value& response = *find_member(recording.exchange, "response");
    const auto status = static_cast<int>(find_member(response, "status")->as_int64());
    if (status < 400) continue;
    ++errors;
    const json::value& body = *find_member(response, "body");
    const auto envelope = parse_json(BedrockToMessages().error(status, json::serialize(body)));
    REQUIRE(envelope);
    CHECK(string_member(*envelope, "type") == "error");
    const json::value& error = *find_member(*envelope, "error");
    CHECK(string_member(error, "message") == string_member(body, "message"));
    CHECK(string_member(error, "type") == (status == 403 ? "permission_error" : "invalid_request_error"));
  }
  CHECK(errors == 19);
  CHECK(BedrockToMessages().whole("{ \"type\":\"message\" }") == "{ \"type\":\"message\" }");
}

TEST_CASE("bedrock reply: exceptions in the stream end it with an error event") {
  const std::string start = chunk(R"({"type":"message_start","message":{}})");
  const auto last = [&](const std::string& bytes) { return data_of(to_sse(start + bytes)).back(); };
  CHECK(last(frame(":exception-type", "throttlingException", "exception",
                   R"({"message":"Too many tokens"})")) ==
        R"({"type":"error","error":{"type":"rate_limit_error","message":"Too many tokens"}})");
  CHECK(last(frame(":exception-type", "modelStreamErrorException", "exception",
                   R"({"message":"broke","originalStatusCode":500})")) ==
        R"({"type":"error","error":{"type":"api_error","message":"broke"}})");
  CHECK(last(frame(":exception-type", "serviceUnavailableException", "exception", "{}"))
            .contains(R"("type":"overloaded_error")"));
  CHECK(last(frame(":exception-type", "validationException", "exception", R"({"message":"no"})"))
            .contains(R"("type":"invalid_request_error")"));
  CHECK(last(frame(":exception-type", "modelTimeoutException", "exception", R"({"message":"late"})"))
            .contains(R"("type":"timeout_error")"));
  net::Frame error;
  error.headers = {{.name = ":message-type", .bytes = "error"},
                   {.name = ":error-code", .bytes = "InternalServerException"},
                   {.name = ":error-message", .bytes = "oops"}};
  std::string bytes;
  REQUIRE(net::append_frame(bytes, error));
  CHECK(last(bytes) == R"({"type":"error","error":{"type":"api_error","message":"oops"}})");
}

TEST_CASE("bedrock reply: a stream that breaks off says so, and only once") {
  const std::string start = chunk(R"({"type":"message_start","message":{}})");
  CHECK(data_of(to_sse(start)).back().contains("broke off"));
  const std::string stop = chunk(R"({"type":"message_stop"})");
  CHECK(data_of(to_sse(start + stop)).size() == 2);
  const std::string exception =
      frame(":exception-type", "throttlingException", "exception", R"({"message":"x"})");
  CHECK(data_of(to_sse(start + exception + exception)).size() == 2);
  CHECK(data_of(to_sse(start + stop.substr(0, 20))).back().contains("broke off"));
}

TEST_CASE("bedrock reply: what is no chunk is an error, what is new is passed over") {
  std::string out;
  for (const std::string& bytes :
       {frame(":event-type", "chunk", "event", "{}"), frame(":event-type", "chunk", "event", "x"),
        frame(":event-type", "chunk", "event", R"({"bytes":"???"})"), chunk("[]"), chunk("{}"),
        frame(":event-type", "chunk", "other", "{}"), std::string(16, 'x')}) {
    BedrockToMessages translator;
    CHECK(translator.feed(bytes, out).error().code == Code::upstream_failed);
  }
  BedrockToMessages translator;
  CHECK(translator.feed(frame(":event-type", "metadata", "event", "{}"), out));
  CHECK(out.empty());
}

TEST_CASE("bedrock reply: data with line breaks stays one event") {
  CHECK(to_sse(chunk("{\"type\":\n\"message_stop\"}")) ==
        "event: message_stop\ndata: {\"type\":\ndata: \"message_stop\"}\n\n");
}

}  // namespace weir::model

#include "edge/api/chat_stream.h"

#include <doctest/doctest.h>

#include "edge/outlet.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

struct Fixture {
  net::StringBody body{""};
  net::Request request = test::request_of("POST", "/api/chat", body);
  test::CapturedResponse captured;
  Outlet out{captured, "gzip", true};
  Exchange exchange{request, out};
  ManualClock clock;
};

app::ChatAnswer sample_answer() {
  app::ChatAnswer answer;
  answer.kind = app::AnswerKind::model;
  answer.text = "Five days.";
  answer.model = "claude-sonnet-5-5";
  answer.stop_reason = "max_tokens";
  answer.usage = data::Usage{
      .input_tokens = 7, .cache_write_5m_tokens = 1, .cache_write_1h_tokens = 2, .output_tokens = 3};
  app::Source file{.number = 1,
                   .document_id = "doc_1",
                   .title = "Refunds",
                   .source = "refunds.md",
                   .heading = "Time",
                   .begin = 3,
                   .end = 20};
  app::Source page{.number = 2, .document_id = "doc_2", .title = "FAQ", .source = "https://example.com/faq"};
  answer.sources = {file, page};
  answer.citations = {{.source_number = 1,
                       .document_id = "doc_1",
                       .cited_text = "5 days",
                       .begin = 4,
                       .end = 10,
                       .answer_at = 9}};
  return answer;
}

void stream(ChatStream& sink, const app::ChatAnswer& answer) {
  REQUIRE(test::run(sink.on_sources(answer.sources)).has_value());
  REQUIRE(test::run(sink.on_text("Five ")).has_value());
  REQUIRE(test::run(sink.on_text("days.")).has_value());
  REQUIRE(test::run(sink.on_citation(answer.citations[0])).has_value());
  REQUIRE(test::run(sink.on_done(answer)).has_value());
}

TEST_CASE("named events: sources, text, citation, done, each in its own write") {
  Fixture f;
  EventStream f_frames(f.exchange, chat_stream_fields(ChatReply::events));
  const auto sink = make_chat_stream(ChatReply::events, "req_1", f.clock, f_frames);
  CHECK_FALSE(sink->started());
  stream(*sink, sample_answer());
  REQUIRE(f.captured.writes.size() == 5);
  CHECK(f.captured.writes[0].starts_with("event: sources\ndata: {\"sources\":[{\"number\":1,"));
  CHECK(f.captured.writes[1] == "event: text\ndata: {\"delta\":\"Five \"}\n\n");
  CHECK(f.captured.writes[3].starts_with("event: citation\ndata: {\"source_number\":1,"));
  CHECK(f.captured.writes[4].starts_with("event: done\ndata: {\"success\":true,\"answer\":\"Five days.\""));
  CHECK(f.captured.writes[4].contains("\"cache_creation_input_tokens\":3"));
  CHECK(f.captured.headers.get("content-type") == "text/event-stream; charset=utf-8");
  CHECK(f.captured.headers.get("cache-control") == "no-cache, no-transform");
  CHECK(f.captured.headers.get("x-accel-buffering") == "no");
}

TEST_CASE("a failure in mid-stream is an event that names it") {
  Fixture f;
  EventStream f_frames(f.exchange, chat_stream_fields(ChatReply::events));
  const auto sink = make_chat_stream(ChatReply::events, "req_1", f.clock, f_frames);
  REQUIRE(test::run(sink->on_sources({})).has_value());
  REQUIRE(test::run(sink->on_failure(Error(Code::upstream_failed, "the provider left"))).has_value());
  CHECK(f.captured.writes.back() ==
        "event: error\ndata: {\"error\":\"the provider "
        "left\",\"code\":\"upstream_failed\",\"request_id\":\"req_1\"}\n\n");
}

TEST_CASE("the UI message stream, frame by frame") {
  Fixture f;
  EventStream f_frames(f.exchange, chat_stream_fields(ChatReply::ui_stream));
  const auto sink = make_chat_stream(ChatReply::ui_stream, "req_1", f.clock, f_frames);
  stream(*sink, sample_answer());
  CHECK(f.captured.headers.get("x-vercel-ai-ui-message-stream") == "v1");
  CHECK(f.captured.headers.get("cache-control") == "no-cache, no-transform");
  CHECK(
      f.captured.body ==
      "data: {\"type\":\"start\",\"messageId\":\"req_1\"}\n\n"
      "data: {\"type\":\"start-step\"}\n\n"
      R"(data: {"type":"source-document","sourceId":"source-1","title":"Refunds › Time","mediaType":"text/plain",)"
      R"("filename":"refunds.md","providerMetadata":{"weir":{"document_id":"doc_1","number":1,"begin":3,"end":20}}})"
      "\n\n"
      R"(data: {"type":"source-url","sourceId":"source-2","title":"FAQ","url":"https://example.com/faq",)"
      R"("providerMetadata":{"weir":{"document_id":"doc_2","number":2,"begin":0,"end":0}}})"
      "\n\n"
      "data: {\"type\":\"text-start\",\"id\":\"text-1\"}\n\n"
      "data: {\"type\":\"text-delta\",\"id\":\"text-1\",\"delta\":\"Five \"}\n\n"
      "data: {\"type\":\"text-delta\",\"id\":\"text-1\",\"delta\":\"days.\"}\n\n"
      "data: "
      "{\"type\":\"data-weir-citation\",\"data\":{\"source_number\":1,\"document_id\":\"doc_1\",\"cited_"
      "text\":\"5 days\",\"begin\":4,\"end\":10,\"answer_at\":9}}\n\n"
      "data: {\"type\":\"text-end\",\"id\":\"text-1\"}\n\n"
      "data: {\"type\":\"finish-step\"}\n\n"
      "data: "
      "{\"type\":\"finish\",\"finishReason\":\"length\",\"messageMetadata\":{\"kind\":\"model\",\"request_"
      "id\":\"req_1\",\"model\":\"claude-sonnet-5-5\",\"usage\":{\"input_tokens\":7,\"cache_creation_input_"
      "tokens\":3,\"cache_read_input_tokens\":0,\"output_tokens\":3}}}\n\n"
      "data: [DONE]\n\n");
}

TEST_CASE("a UI stream that fails or says nothing is still well formed") {
  Fixture f;
  EventStream f_frames(f.exchange, chat_stream_fields(ChatReply::ui_stream));
  const auto failing = make_chat_stream(ChatReply::ui_stream, "req_1", f.clock, f_frames);
  REQUIRE(test::run(failing->on_text("Fi")).has_value());
  REQUIRE(test::run(failing->on_failure(Error(Code::timed_out, "too slow"))).has_value());
  CHECK(
      f.captured.body.ends_with("data: {\"type\":\"text-end\",\"id\":\"text-1\"}\n\n"
                                "data: {\"type\":\"error\",\"errorText\":\"too slow\"}\n\ndata: [DONE]\n\n"));
  Fixture g;
  EventStream g_frames(g.exchange, chat_stream_fields(ChatReply::ui_stream));
  const auto silent = make_chat_stream(ChatReply::ui_stream, "req_1", g.clock, g_frames);
  REQUIRE(test::run(silent->on_done(app::ChatAnswer())).has_value());
  CHECK(g.captured.body.starts_with("data: {\"type\":\"start\","));
}

}  // namespace
}  // namespace weir::edge

#include "model/dialects/messages_to_responses_reply.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/random.h"
#include "dialect_recordings.h"
#include "messages_answers.h"
#include "model/dialects/responses_to_messages_request.h"
#include "responses_checker.h"

namespace weir::model {
namespace {

using testing::Said;

ReplyOptions options() {
  return {.id = "made-up", .model = "gpt-asked", .created_s = 1'700'000'000};
}

std::string event(std::string_view data) {
  return "event: " + std::string(string_member(json::parse(data), "type")) + "\ndata: " + std::string(data) +
         "\n\n";
}
std::string delta(int index, std::string_view members) {
  return event(R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
               std::string(members) + "}");
}
std::string block(int index, std::string_view start) {
  return event(R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
               std::string(start) + "}");
}
std::string stop(int index) {
  return event(R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}
std::string end(std::string_view reason) {
  return event(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
               R"(","stop_details":{"type":"refusal","explanation":"No."}},"usage":{"output_tokens":9}})") +
         event(R"({"type":"message_stop"})");
}
const std::string_view kStart =
    R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":3,"output_tokens":1}}})";
std::string begin() {
  return event(kStart);
}

std::string translate(std::string_view stream, std::size_t piece_max, Random& random) {
  const auto translator = messages_to_responses(options());
  std::string out;
  while (!stream.empty()) {
    const std::size_t size = std::min<std::size_t>(stream.size(), 1 + random.next_u64() % piece_max);
    const auto fed = translator->feed(stream.substr(0, size), out);
    if (!fed) {
      CHECK(fed.error().code == Code::upstream_failed);
      break;
    }
    stream.remove_prefix(size);
  }
  translator->finish(out);
  return out;
}

Said said(std::string_view stream) {
  SeededRandom random(1);
  Said said = testing::ResponsesStreamChecker().read(translate(stream, 1'000'000, random));
  for (const std::string& wrong : said.wrong) FAIL_CHECK(wrong);
  return said;
}

json::value whole(std::string_view body, const ReplyOptions& given = options()) {
  const auto answer = messages_to_responses(given)->whole(body);
  if (!answer) FAIL(answer.error().message);
  return json::parse(*answer);
}

std::string status_of(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded")
    return "max_output_tokens";
  return stop_reason == "refusal" ? "content_filter" : "completed";
}

void check_same(const Said& response, const Said& claude) {
  for (const std::string& wrong : response.wrong) FAIL_CHECK(wrong);
  CHECK(response.id == "resp_" + claude.id);
  CHECK(response.model == "gpt-asked");
  CHECK(response.text == claude.text);
  CHECK(response.thinking == claude.thinking);
  CHECK(response.calls == claude.calls);
  CHECK(response.finish_reason == status_of(claude.finish_reason));
  const auto ours = [&](std::string_view name) { return testing::count_at(&response.usage, name); };
  const auto theirs = [&](std::string_view name) { return testing::count_at(&claude.usage, name); };
  CHECK(ours("input_tokens") ==
        theirs("input_tokens") + theirs("cache_creation_input_tokens") + theirs("cache_read_input_tokens"));
  CHECK(ours("output_tokens") == theirs("output_tokens"));
  CHECK(ours("total_tokens") == ours("input_tokens") + ours("output_tokens"));
  const json::value* input = find_member(response.usage, "input_tokens_details");
  CHECK(testing::count_at(input, "cached_tokens") == theirs("cache_read_input_tokens"));
  CHECK(testing::count_at(input, "cache_write_tokens") == theirs("cache_creation_input_tokens"));
  CHECK(testing::count_at(find_member(response.usage, "output_tokens_details"), "reasoning_tokens") ==
        testing::count_at(find_member(claude.usage, "output_tokens_details"), "thinking_tokens"));
}

}  // namespace

TEST_CASE("messages to responses: every recorded stream, cut anywhere") {
  SeededRandom random(21);
  int streams = 0;
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const std::string_view stream = string_member(exchange.response, "sse_text");
    if (stream.empty()) continue;
    ++streams;
    INFO(exchange.name);
    const Said claude = testing::read_messages_stream(stream);
    const std::string once = translate(stream, stream.size(), random);
    for (const std::size_t piece_max :
         {std::size_t{1}, std::size_t{7}, std::size_t{120}, std::size_t{5'000}}) {
      CHECK(translate(stream, piece_max, random) == once);
    }
    const Said response = testing::ResponsesStreamChecker().read(once);
    if (claude.error.is_null()) {
      check_same(response, claude);
    } else {
      for (const std::string& wrong : response.wrong) FAIL_CHECK(wrong);
      CHECK(string_member(response.error, "message") == string_member(claude.error, "message"));
    }
  }
  MESSAGE(streams << " streams");
}

TEST_CASE("messages to responses: every recorded whole answer") {
  int messages = 0;
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const json::value* body = find_member(exchange.response, "body");
    if (body == nullptr || string_member(*body, "type") != "message") continue;
    ++messages;
    INFO(exchange.name);
    check_same(testing::read_response(whole(json::serialize(*body))), testing::read_message(*body));
  }
  MESSAGE(messages << " messages");
}

TEST_CASE("messages to responses: every recorded stream, broken off anywhere, fails") {
  SeededRandom random(22);
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const std::string_view stream = string_member(exchange.response, "sse_text");
    const std::size_t last = stream.rfind("event: message_stop");
    if (last == std::string_view::npos) continue;
    INFO(exchange.name);
    for (int i = 0; i < 20; ++i) {
      const std::string out = translate(stream.substr(0, random.next_u64() % last), 1000, random);
      const Said response = testing::ResponsesStreamChecker().read(out);
      for (const std::string& wrong : response.wrong) FAIL_CHECK(wrong);
      CHECK(string_member(response.error, "code") == "stream_broken");
      CHECK(response.finish_reason == "failed");
    }
  }
}

TEST_CASE("messages to responses: the sequence of events") {
  SeededRandom random(1);
  const std::string out = translate(
      begin() + block(0, R"({"type":"thinking","thinking":"","signature":""})") +
          delta(0, R"({"type":"thinking_delta","thinking":"hm"})") +
          delta(0, R"({"type":"signature_delta","signature":"S="})") + stop(0) +
          block(1, R"({"type":"text","text":""})") + delta(1, R"({"type":"text_delta","text":"a\n"})") +
          stop(1) + block(2, R"({"type":"text","text":""})") +
          delta(2, R"({"type":"text_delta","text":"b"})") + stop(2) +
          block(3, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})") +
          delta(3, R"({"type":"input_json_delta","partial_json":"{\"x\":1}"})") + stop(3) + end("tool_use"),
      60, random);
  Said unused;
  std::string types;
  for (const auto& [name, data] : testing::sse_events(out, unused)) types += name + "\n";
  CHECK(types ==
        "response.created\nresponse.in_progress\n"
        "response.output_item.added\nresponse.reasoning_summary_part.added\nresponse.reasoning_summary_text."
        "delta\n"
        "response.reasoning_summary_text.done\nresponse.reasoning_summary_part.done\nresponse.output_item."
        "done\n"
        "response.output_item.added\nresponse.content_part.added\nresponse.output_text.delta\nresponse."
        "output_text.delta\n"
        "response.output_text.done\nresponse.content_part.done\nresponse.output_item.done\n"
        "response.output_item.added\nresponse.function_call_arguments.delta\nresponse.function_call_"
        "arguments.done\n"
        "response.output_item.done\nresponse.completed\n");
  const auto events = testing::sse_events(out, unused);
  CHECK(json::parse(events[10].second) ==
        json::parse(
            R"({"type":"response.output_text.delta","item_id":"msg_1_1","output_index":1,"content_index":0,
                        "logprobs":[],"delta":"a\n","sequence_number":10})"));
  CHECK(json::parse(events.back().second).at("response").at("output") == json::parse(R"([
      {"id":"rs_1_0","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"hm"}],
       "encrypted_content":"claude.signature.S="},
      {"id":"msg_1_1","type":"message","status":"completed","role":"assistant",
       "content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"a\nb"}]},
      {"id":"fc_1_2","type":"function_call","status":"completed","arguments":"{\"x\":1}",
       "call_id":"toolu_1","name":"f"}])"));
}

TEST_CASE("messages to responses: incomplete answers") {
  SeededRandom random(1);
  const std::string text = begin() + block(0, R"({"type":"text","text":"cut"})") + stop(0);
  CHECK(said(text + end("max_tokens")).finish_reason == "max_output_tokens");
  CHECK(translate(text + end("max_tokens"), 99, random).find(R"("status":"incomplete","role":"assistant")") !=
        std::string::npos);
  const Said refused = said(text + end("refusal"));
  CHECK(refused.finish_reason == "content_filter");
  CHECK(refused.text == "cut");
  CHECK(refused.refusal == "No.");
  CHECK(said(begin() + end("refusal")).refusal == "No.");
  CHECK(said(begin() + end("end_turn")).finish_reason == "completed");
}

TEST_CASE("messages to responses: errors in the stream") {
  const std::string overloaded = event(
      R"({"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"r"})");
  for (const std::string& before :
       {std::string(), begin(), begin() + block(0, R"({"type":"text","text":"x"})")}) {
    const Said response = said(before + overloaded + end("end_turn"));
    CHECK(string_member(response.error, "message") == "Overloaded");
    CHECK(string_member(response.error, "code") == "overloaded");
  }
  const auto translator = messages_to_responses(options());
  std::string out;
  CHECK_FALSE(translator->feed("data: nothing\n\n", out).has_value());
  translator->finish(out);
  CHECK(string_member(testing::ResponsesStreamChecker().read(out).error, "code") == "stream_broken");
  CHECK_FALSE(messages_to_responses(options())->whole("{}").has_value());
}

TEST_CASE("messages to responses: the answer repeats its request") {
  const auto request = responses_to_messages(
      R"({"model":"m","input":"x","instructions":"Be brief.","metadata":{"a":"b"},"temperature":0.5,"max_output_tokens":9,
          "tools":[{"type":"function","name":"f","parameters":null,"strict":null}],"tool_choice":"required"})",
      {.model = "claude-x"});
  REQUIRE(request.has_value());
  ReplyOptions given = options();
  given.echo = request->echo;
  const json::value answer =
      whole(R"({"type":"message","id":"msg_1","content":[],"stop_reason":"end_turn","usage":{}})", given);
  CHECK(answer.at("instructions") == json::value("Be brief."));
  CHECK(answer.at("metadata") == json::parse(R"({"a":"b"})"));
  CHECK(answer.at("temperature") == json::value(0.5));
  CHECK(answer.at("max_output_tokens") == json::value(9));
  CHECK(answer.at("tools").at(0).at("name") == json::value("f"));
  CHECK(answer.at("tool_choice") == json::value("required"));
  CHECK(answer.at("parallel_tool_calls") == json::value(true));
  CHECK(answer.at("store") == json::value(false));
}

// What the next request of a client brings back is what Claude said, so that its signatures hold.
TEST_CASE("messages to responses: the output of every recorded answer comes back as Claude said it") {
  int thinking = 0;
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const json::value* body = find_member(exchange.response, "body");
    if (body == nullptr || string_member(*body, "type") != "message") continue;
    INFO(exchange.name);
    json::array input = {json::value{{"role", "user"}, {"content", "x"}}};
    const json::value answer = whole(json::serialize(*body));
    for (const json::value& item : answer.at("output").as_array()) input.push_back(item);
    for (const json::value& item : answer.at("output").as_array()) {
      if (string_member(item, "type") != "function_call") continue;
      input.push_back(
          json::value{{"type", "function_call_output"}, {"call_id", item.at("call_id")}, {"output", "ok"}});
    }
    const auto request =
        responses_to_messages(json::serialize(json::value{{"model", "m"}, {"input", input}}), {.model = "c"});
    if (!request) FAIL(request.error().message);
    CHECK(request->left_out.empty());
    const json::value again = json::parse(request->body);
    const json::array& turns = again.at("messages").as_array();
    std::string text;
    json::array kept;
    for (const json::value& turn : turns) {
      if (string_member(turn, "role") != "assistant") continue;
      for (const json::value& said_block : turn.at("content").as_array()) {
        string_member(said_block, "type") == "text" ? void(text += string_member(said_block, "text"))
                                                    : kept.push_back(said_block);
      }
    }
    std::string claude_text;
    json::array claude_kept;
    for (json::value said_block : body->at("content").as_array()) {
      const std::string_view type = string_member(said_block, "type");
      if (type == "text") claude_text += string_member(said_block, "text");
      said_block.as_object().erase("caller");
      if (type == "thinking" || type == "redacted_thinking" || type == "tool_use")
        claude_kept.push_back(said_block);
      thinking += type == "thinking" || type == "redacted_thinking";
    }
    CHECK(text == claude_text);
    CHECK(kept == claude_kept);
  }
  MESSAGE(thinking << " thinking blocks");
}

}  // namespace weir::model

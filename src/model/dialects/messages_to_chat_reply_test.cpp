#include "model/dialects/messages_to_chat_reply.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/random.h"
#include "dialect_recordings.h"
#include "messages_answers.h"
#include "openai_checkers.h"

namespace weir::model {
namespace {

using testing::Said;

ReplyOptions options(bool include_usage = true) {
  return {.id = "made-up", .model = "gpt-asked", .created_s = 1'700'000'000, .include_usage = include_usage};
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
std::string begin() {
  return event(R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],)"
               R"("usage":{"input_tokens":3,"output_tokens":1,"service_tier":"standard"}}})");
}

// Fed in pieces of at most piece_max bytes, their sizes by chance; finish() follows always.
std::string translate(std::string_view stream, std::size_t piece_max, Random& random,
                      const ReplyOptions& given = options()) {
  const auto translator = messages_to_chat(given);
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

Said said(std::string_view stream, bool include_usage = true) {
  SeededRandom random(1);
  Said said = testing::ChatStreamChecker(include_usage)
                  .read(translate(stream, 1'000'000, random, options(include_usage)));
  for (const std::string& wrong : said.wrong) FAIL_CHECK(wrong);
  return said;
}

std::string whole_answer(std::string_view body) {
  const auto answer = messages_to_chat(options())->whole(body);
  if (!answer) FAIL(answer.error().message);
  return *answer;
}

std::string finish_reason_of(std::string_view stop_reason) {
  const std::map<std::string_view, std::string> reasons = {
      {"end_turn", "stop"},       {"stop_sequence", "stop"},    {"pause_turn", "stop"},
      {"compaction", "stop"},     {"max_tokens", "length"},     {"model_context_window_exceeded", "length"},
      {"tool_use", "tool_calls"}, {"refusal", "content_filter"}};
  const auto found = reasons.find(stop_reason);
  return found == reasons.end() ? "(none)" : found->second;
}

void check_same(const Said& chat, const Said& claude) {
  for (const std::string& wrong : chat.wrong) FAIL_CHECK(wrong);
  CHECK(chat.id == "chatcmpl-" + claude.id);
  CHECK(chat.model == "gpt-asked");
  CHECK(chat.text == claude.text);
  CHECK(chat.thinking == claude.thinking);
  CHECK(chat.calls == claude.calls);
  CHECK(chat.finish_reason == finish_reason_of(claude.finish_reason));
  const auto ours = [&](std::string_view name) { return testing::count_at(&chat.usage, name); };
  const auto theirs = [&](std::string_view name) { return testing::count_at(&claude.usage, name); };
  CHECK(ours("prompt_tokens") ==
        theirs("input_tokens") + theirs("cache_creation_input_tokens") + theirs("cache_read_input_tokens"));
  CHECK(ours("completion_tokens") == theirs("output_tokens"));
  CHECK(ours("total_tokens") == ours("prompt_tokens") + ours("completion_tokens"));
  const json::value* prompt = find_member(chat.usage, "prompt_tokens_details");
  CHECK(testing::count_at(prompt, "cached_tokens") == theirs("cache_read_input_tokens"));
  CHECK(testing::count_at(prompt, "cache_write_tokens") == theirs("cache_creation_input_tokens"));
  CHECK(testing::count_at(find_member(chat.usage, "completion_tokens_details"), "reasoning_tokens") ==
        testing::count_at(find_member(claude.usage, "output_tokens_details"), "thinking_tokens"));
}

}  // namespace

TEST_CASE("messages to chat: every recorded stream, cut anywhere") {
  SeededRandom random(11);
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
    const Said chat = testing::ChatStreamChecker(true).read(once);
    if (claude.error.is_null()) {
      check_same(chat, claude);
    } else {
      CHECK(string_member(chat.error, "message") == string_member(claude.error, "message"));
    }
  }
  MESSAGE(streams << " streams");
}

TEST_CASE("messages to chat: every recorded whole answer") {
  int messages = 0;
  int errors = 0;
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const json::value* body = find_member(exchange.response, "body");
    if (body == nullptr) continue;
    INFO(exchange.name);
    if (string_member(*body, "type") == "message") {
      ++messages;
      check_same(testing::read_chat_answer(json::parse(whole_answer(json::serialize(*body)))),
                 testing::read_message(*body));
    } else if (string_member(*body, "type") == "error") {
      ++errors;
      const auto status = static_cast<int>(exchange.response.at("status").as_int64());
      const json::value error =
          json::parse(messages_to_chat(options())->error(status, json::serialize(*body)));
      CHECK(error.at("error").at("message") == body->at("error").at("message"));
      CHECK(error.at("error").at("type").is_string());
    }
  }
  MESSAGE(messages << " messages, " << errors << " errors");
}

TEST_CASE("messages to chat: every recorded stream, broken off anywhere, ends with an error") {
  SeededRandom random(12);
  for (const auto& exchange : testing::recorded_exchanges("anthropic")) {
    const std::string_view stream = string_member(exchange.response, "sse_text");
    const std::size_t last = stream.rfind("event: message_stop");
    if (last == std::string_view::npos) continue;
    INFO(exchange.name);
    for (int i = 0; i < 20; ++i) {
      const std::string out = translate(stream.substr(0, random.next_u64() % last), 1000, random);
      const Said chat = testing::ChatStreamChecker(true).read(out);
      for (const std::string& wrong : chat.wrong) FAIL_CHECK(wrong);
      CHECK(string_member(chat.error, "code") == "stream_broken");
      CHECK(chat.finish_reason.empty());
    }
  }
}

TEST_CASE("messages to chat: the order of chunks, byte for byte") {
  SeededRandom random(1);
  const std::string stream =
      begin() + block(0, R"({"type":"text","text":""})") + event(R"({"type": "ping"})") +
      delta(0, R"({"type":"text_delta","text":"a\"\u00e9<"}   )") + stop(0) +
      block(1, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})") +
      delta(1, R"({"type":"input_json_delta","partial_json":""})") +
      delta(1, R"({"type":"input_json_delta","partial_json":"{\"x\":1}"})") + stop(1) + end("tool_use");
  const std::string head =
      R"(data: {"id":"chatcmpl-msg_1","object":"chat.completion.chunk","created":1700000000,)"
      R"("model":"gpt-asked","service_tier":"default",)";
  const auto chunk = [&](const std::string& d, const std::string& reason = "null") {
    return head + R"("choices":[{"index":0,"delta":{)" + d + R"(},"logprobs":null,"finish_reason":)" +
           reason + R"(}],"usage":null})" + "\n\n";
  };
  CHECK(
      translate(stream, 50, random) ==
      chunk(R"("role":"assistant","content":"","refusal":null)") + ": ping\n\n" +
          chunk(R"("content":"a\"\u00e9<")") +
          chunk(
              R"("tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}])") +
          chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"x\":1}"}}])") +
          chunk("", R"("tool_calls")") + head +
          R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12,)"
          R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},)"
          R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,)"
          R"("rejected_prediction_tokens":0}}})"
          "\n\ndata: [DONE]\n\n");
}

TEST_CASE("messages to chat: blocks that begin with what they say") {
  const Said chat =
      said(begin() + block(0, R"({"type":"thinking","thinking":"hm","signature":""})") + stop(0) +
               block(1, R"({"type":"text","text":"Hi"})") + stop(1) +
               block(2, R"({"type":"tool_use","id":"a","name":"f","input":{"x":[1]}})") + stop(2) + stop(2) +
               block(3, R"({"type":"tool_use","id":"b","name":"g","input":{}})") + stop(3) + end("tool_use"),
           false);
  CHECK(chat.thinking == "hm");
  CHECK(chat.text == "Hi");
  CHECK(chat.calls == std::vector<testing::ToolCall>{{"a", "f", R"({"x":[1]})"}, {"b", "g", "{}"}});
  CHECK(chat.usage.is_null());
}

TEST_CASE("messages to chat: server tools, citations and what is new stay out") {
  const Said chat = said(
      begin() + block(0, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})") +
      delta(0, R"({"type":"input_json_delta","partial_json":"{\"query\":1}"})") + stop(0) +
      block(1, R"({"type":"web_search_tool_result","tool_use_id":"s","content":[]})") + stop(1) +
      event(R"({"type":"brand_new","index":1})") + block(2, R"({"citations":[],"type":"text","text":""})") +
      delta(2, R"({"type":"citations_delta","citation":{"type":"x"}})") +
      delta(2, R"({"type":"text_delta","text":"found"})") + stop(2) + end("brand_new"));
  CHECK(chat.text == "found");
  CHECK(chat.calls.empty());
  CHECK(chat.finish_reason == "stop");
}

TEST_CASE("messages to chat: a refusal") {
  const Said chat = said(begin() + block(0, R"({"type":"text","text":"We"})") + stop(0) + end("refusal"));
  CHECK(chat.refusal == "No.");
  CHECK(chat.finish_reason == "content_filter");
  const json::value answer = json::parse(whole_answer(
      R"({"type":"message","id":"msg_1","content":[],"stop_reason":"refusal","stop_details":null,"usage":{}})"));
  CHECK(answer.at("choices").at(0).at("message").at("refusal") ==
        json::value("The model refused to answer."));
  CHECK(answer.at("choices").at(0).at("finish_reason") == json::value("content_filter"));
}

TEST_CASE("messages to chat: errors in the stream") {
  const std::string overloaded = event(
      R"({"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"r"})");
  for (const std::string& before :
       {std::string(), begin(), begin() + block(0, R"({"type":"text","text":"x"})")}) {
    const Said chat = said(before + overloaded + end("end_turn"));
    CHECK(chat.error ==
          json::parse(R"({"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"})"));
    CHECK(chat.finish_reason.empty());
  }
  CHECK(string_member(said("").error, "code") == "stream_broken");
}

TEST_CASE("messages to chat: a stream that is not one of the Messages API") {
  for (const std::string& stream :
       {"data: nothing\n\n" + std::string(), event(R"({"type":"message_stop"})"),
        begin() + delta(0, R"({"type":"text_delta","text":"x"})"),
        begin() + block(0, R"({"type":"text","text":""})") + delta(1, R"({"type":"text_delta","text":"x"})"),
        begin() + block(0, R"({"type":"text","text":""})") + delta(0, R"({"type":"text_delta","text":4})"),
        begin() + block(0, R"({"type":"text","text":""})") +
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
            "{\"type\":\"text_delta\",\"text\":\"\\ux\"}}\n\n"}) {
    INFO(stream);
    const auto translator = messages_to_chat(options());
    std::string out;
    const auto fed = translator->feed(stream, out);
    REQUIRE_FALSE(fed.has_value());
    CHECK(fed.error().code == Code::upstream_failed);
    translator->finish(out);
    const Said chat = testing::ChatStreamChecker(true).read(out);
    for (const std::string& wrong : chat.wrong) FAIL_CHECK(wrong);
    CHECK(string_member(chat.error, "message") == fed.error().message);
  }
  CHECK_FALSE(messages_to_chat(options())->whole("{}").has_value());
  CHECK_FALSE(messages_to_chat(options())->whole("<html>").has_value());
}

TEST_CASE("messages to chat: events of broken JSON") {
  for (
      const std::string_view data :
      {R"({"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":5,"output_tokens":"x"})",
       R"({"type":"message_delta","delta":{"stop_reason":"x","stop_details":nu"a": 0, "b": 0},"usage":{"x":4}})",
       R"({"type":"error","error":{"type":"x","message":nu"a": 0, "b": 0}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x")"}) {
    INFO(data);
    std::string out;
    const auto fed = messages_to_chat(options())->feed(begin() + "data: " + std::string(data) + "\n\n", out);
    REQUIRE_FALSE(fed.has_value());
    CHECK(fed.error().code == Code::upstream_failed);
  }
}

TEST_CASE("messages to chat: any line ends") {
  std::string stream = begin() + block(0, R"({"type":"text","text":"x"})") + stop(0) + end("end_turn");
  const Said expected = said(stream);
  for (const std::string_view line_end : {"\r\n", "\r"}) {
    std::string other;
    for (const char c : stream) c == '\n' ? other += line_end : other += c;
    CHECK(said(other).text == expected.text);
    CHECK(said(other).finish_reason == "stop");
  }
}

TEST_CASE("messages to chat: errors of every kind") {
  const auto error = [](int status, std::string_view body) {
    return json::serialize(json::parse(messages_to_chat(options())->error(status, body)).at("error"));
  };
  CHECK(
      error(
          400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}})") ==
      R"({"message":"prompt is too long: 9 > 8","type":"invalid_request_error","param":null,"code":"context_length_exceeded"})");
  CHECK(error(404, R"({"type":"error","error":{"type":"not_found_error","message":"model: x"}})") ==
        R"({"message":"model: x","type":"invalid_request_error","param":null,"code":"model_not_found"})");
  CHECK(
      error(429, R"({"message":"Too many requests"})") ==
      R"({"message":"Too many requests","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"})");
  CHECK(error(502, "<html>Bad gateway</html>") ==
        R"({"message":"<html>Bad gateway</html>","type":"server_error","param":null,"code":"server_error"})");
  CHECK(
      error(418, "") ==
      R"({"message":"the provider reports an error and does not say which","type":"invalid_request_error","param":null,"code":null})");
}

}  // namespace weir::model

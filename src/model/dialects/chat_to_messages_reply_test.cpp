#include "model/dialects/chat_to_messages_reply.h"

#include <doctest/doctest.h>

#include <map>

#include "base/random.h"
#include "model_messages_stream.h"
#include "model_recordings.h"

namespace weir::model {
namespace {

const ReplyOptions kOptions{.id = "msg_own", .model = "the-model"};

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-x","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + R"(}],"usage":null})" + "\n\n";
}

std::string usage_chunk(std::string_view usage) {
  return R"(data: {"id":"chatcmpl-1","choices":[],"usage":)" + std::string(usage) + "}\n\n";
}

const std::string kRole = chunk(R"({"role":"assistant","content":"","refusal":null})");
const std::string kDone = "data: [DONE]\n\n";

std::string translated_bytes(std::string_view sse) {
  const auto translator = chat_to_messages_reply(kOptions);
  std::string out;
  (void)translator->feed(sse, out);
  translator->finish(out);
  return out;
}

StreamedMessage translated(std::string_view sse) {
  StreamedMessage message = MessagesStreamReader().read(translated_bytes(sse));
  CHECK(message.problem == "");
  return message;
}

json::value whole(std::string_view body) {
  const auto reply = chat_to_messages_reply(kOptions)->whole(body);
  REQUIRE(reply.has_value());
  return json::parse(*reply);
}

std::string call(int index, std::string_view id, std::string_view name, std::string_view arguments) {
  json::object function{{"arguments", arguments}};
  if (!name.empty()) function["name"] = name;
  json::object out{{"index", index}, {"function", function}};
  if (!id.empty()) out["id"] = id;
  return json::serialize(out);
}

// ---- An independent reading of what a provider said: whole documents. ----

struct Said {
  std::string text, refusal, finish_reason, model;
  std::map<std::int64_t, StreamedBlock> calls;
  json::value usage;
};

void hear(Said& said, const json::value& part, std::int64_t position) {
  said.text += string_member(part, "content");
  said.refusal += string_member(part, "refusal");
  const json::value* calls = find_member(part, "tool_calls");
  if (calls == nullptr || calls->is_null()) return;
  for (const json::value& made : calls->as_array()) {
    const json::value* index = find_member(made, "index");
    StreamedBlock& block = said.calls[index == nullptr ? position++ : index->as_int64()];
    block.id += string_member(made, "id");
    block.name += string_member(made.at("function"), "name");
    block.text += string_member(made.at("function"), "arguments");
  }
}

void hear_choice(Said& said, const json::value& answer, std::string_view part) {
  if (const json::value* usage = find_member(answer, "usage"); usage != nullptr && !usage->is_null())
    said.usage = *usage;
  for (const json::value& choice : answer.at("choices").as_array()) {
    if (choice.at("index") != 0) continue;
    hear(said, choice.at(part), 0);
    const std::string_view finish = string_member(choice, "finish_reason");
    if (!finish.empty()) said.finish_reason = finish;
  }
}

Said heard_stream(std::string_view sse) {
  Said said;
  for (std::size_t at = sse.find("data: "); at != std::string_view::npos; at = sse.find("\ndata: ", at + 1)) {
    const std::size_t begin = sse.find(' ', at) + 1;
    const std::string_view data = sse.substr(begin, sse.find('\n', begin) - begin);
    if (data != "[DONE]") hear_choice(said, json::parse(data), "delta");
  }
  return said;
}

std::int64_t count(const json::value& usage, std::string_view name, std::string_view part = {}) {
  const json::value* value = find_member(usage, name);
  if (value != nullptr && !part.empty()) value = find_member(*value, part);
  return value == nullptr || !value->is_int64() ? 0 : value->as_int64();
}

// The sums are those of the provider, and cached tokens are counted once.
void check_usage(const json::value& messages, const json::value& chat) {
  CHECK(count(messages, "input_tokens") + count(messages, "cache_read_input_tokens") +
            count(messages, "cache_creation_input_tokens") ==
        count(chat, "prompt_tokens"));
  CHECK(count(messages, "cache_read_input_tokens") ==
        std::min(count(chat, "prompt_tokens_details", "cached_tokens"), count(chat, "prompt_tokens")));
  CHECK(count(messages, "output_tokens") == count(chat, "completion_tokens"));
}

std::string expected_stop(const Said& said) {
  if (!said.refusal.empty() || said.finish_reason == "content_filter") return "refusal";
  if (said.finish_reason == "length") return "max_tokens";
  return said.calls.empty() ? "end_turn" : "tool_use";
}

void check_calls(const std::vector<StreamedBlock>& blocks, const Said& said) {
  std::vector<StreamedBlock> calls;
  for (const StreamedBlock& block : blocks) {
    if (block.type == "tool_use") calls.push_back(block);
  }
  REQUIRE(calls.size() == said.calls.size());
  auto expected = said.calls.begin();
  for (const StreamedBlock& made : calls) {
    CHECK(made.id == expected->second.id);
    CHECK(made.name == expected->second.name);
    CHECK(made.text == expected->second.text);
    ++expected;
  }
}

std::string text_of(const std::vector<StreamedBlock>& blocks) {
  std::string text;
  for (const StreamedBlock& block : blocks) {
    if (block.type == "text") text += block.text;
  }
  return text;
}

bool is_chat(const Recording& recording) {
  return recording.path.ends_with("/chat/completions");
}

}  // namespace

TEST_CASE("chat to messages: every recorded stream, in any pieces, becomes a correct Messages stream") {
  SeededRandom random(11);
  int streams = 0;
  for (const Recording& recording : recordings("openai")) {
    const json::value* sse = find_member(recording.response, "sse_text");
    if (!is_chat(recording) || sse == nullptr) continue;
    ++streams;
    CAPTURE(recording.file);
    const std::string text(sse->as_string());
    const Said said = heard_stream(text);
    for (const std::size_t piece_max : {std::size_t{1}, std::size_t{9}, std::size_t{200}, text.size()}) {
      const auto translator = chat_to_messages_reply(kOptions);
      std::string out;
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = piece_max == 1 ? 1 : 1 + random.next_u64() % piece_max;
        REQUIRE(translator->feed(std::string_view(text).substr(at, size), out).has_value());
        at += size;
      }
      translator->finish(out);
      const StreamedMessage message = MessagesStreamReader().read(out);
      CHECK(message.problem == "");
      CHECK(message.stopped);
      CHECK(text_of(message.blocks) == said.text + said.refusal);
      CHECK(message.stop_reason == expected_stop(said));
      check_calls(message.blocks, said);
      check_usage(message.usage, said.usage);
      CHECK(message.model == "the-model");
    }
  }
  MESSAGE("recorded chat streams translated: " << streams);
}

TEST_CASE("chat to messages: every recorded completion becomes a message") {
  int completions = 0;
  for (const Recording& recording : recordings("openai")) {
    const json::value* body = find_member(recording.response, "body");
    if (!is_chat(recording) || body == nullptr || recording.response.at("status") != 200) continue;
    ++completions;
    CAPTURE(recording.file);
    Said said;
    hear_choice(said, *body, "message");
    const json::value message = whole(json::serialize(*body));
    std::vector<StreamedBlock> blocks;
    for (const json::value& block : message.at("content").as_array()) {
      const bool text = string_member(block, "type") == "text";
      blocks.push_back(
          {.type = std::string(string_member(block, "type")),
           .text = text ? std::string(string_member(block, "text")) : json::serialize(block.at("input")),
           .id = std::string(string_member(block, "id")),
           .name = std::string(string_member(block, "name"))});
      CHECK_FALSE(blocks.back().text.empty());
    }
    for (auto& [index, made] : said.calls)
      made.text = json::serialize(json::parse(made.text.empty() ? "{}" : made.text));
    CHECK(text_of(blocks) == said.text + said.refusal);
    check_calls(blocks, said);
    CHECK(string_member(message, "stop_reason") == expected_stop(said));
    check_usage(message.at("usage"), said.usage);
    CHECK(string_member(message, "type") == "message");
  }
  MESSAGE("recorded chat completions translated: " << completions);
}

TEST_CASE("chat to messages: recorded errors keep their wording") {
  int errors = 0;
  for (const Recording& recording : recordings("openai")) {
    const json::value* body = find_member(recording.response, "body");
    const int status = static_cast<int>(recording.response.at("status").as_int64());
    if (body == nullptr || status < 400) continue;
    ++errors;
    const json::value error =
        json::parse(chat_to_messages_reply(kOptions)->error(status, json::serialize(*body)));
    CHECK(string_member(error, "type") == "error");
    CHECK(string_member(error.at("error"), "message") == string_member(body->at("error"), "message"));
    CHECK(string_member(error.at("error"), "type") == messages_error_type(status));
  }
  MESSAGE("recorded OpenAI errors translated: " << errors);
}

TEST_CASE("chat to messages: the status names the type of an error, whatever its body is") {
  const auto error = [](int status, std::string_view body) {
    return json::parse(chat_to_messages_reply(kOptions)->error(status, body)).at("error");
  };
  CHECK(string_member(
            error(429, R"({"error":{"message":"slow down","type":"tokens","code":"rate_limit_exceeded"}})"),
            "type") == "rate_limit_error");
  CHECK(string_member(error(401, R"({"error":{"message":"m","type":"invalid_request_error"}})"), "type") ==
        "authentication_error");
  CHECK(string_member(error(503, ""), "type") == "overloaded_error");
  CHECK(string_member(error(500, "<html>bad gateway</html>"), "message") == "<html>bad gateway</html>");
  CHECK(string_member(error(500, ""), "message") == "the provider answered with status 500");
  CHECK(string_member(error(500, "\xff"), "message") == "the provider answered with status 500");
  CHECK(string_member(error(400, R"([{"error":{"code":400,"message":"listed"}}])"), "message") == "listed");
  CHECK(string_member(error(400, R"({"error":"plain"})"), "message") == "plain");
  CHECK(string_member(error(400, R"({"detail":"not this model"})"), "message") == "not this model");
}

// ---- Where other gateways failed in public. ----

TEST_CASE("chat to messages: cached tokens are told, and counted once") {
  const StreamedMessage message = translated(
      kRole + chunk(R"({"content":"x"})") + chunk("{}", R"("stop")") +
      usage_chunk(
          R"({"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":30},)"
          R"("completion_tokens_details":{"reasoning_tokens":5}})") +
      kDone);
  CHECK(message.usage ==
        json::parse(R"({"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":60,)"
                    R"("output_tokens":7,"output_tokens_details":{"thinking_tokens":5}})"));
}

TEST_CASE("chat to messages: a tool call ends with stop_reason tool_use and brings no empty text") {
  for (const std::string_view finish : {R"("tool_calls")", R"("stop")"}) {
    const StreamedMessage message =
        translated(kRole + chunk(R"({"tool_calls":[)" + call(0, "call_1", "look", "{}") + "]}") +
                   chunk("{}", finish) + kDone);
    CHECK(message.stop_reason == "tool_use");
    REQUIRE(message.blocks.size() == 1);
    CHECK(message.blocks[0].type == "tool_use");
  }
  const json::value message = whole(
      R"({"id":"c","choices":[{"message":{"role":"assistant","content":"","tool_calls":[)"
      R"({"id":"call_1","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":"stop"}]})");
  CHECK(message.at("stop_reason") == "tool_use");
  REQUIRE(message.at("content").as_array().size() == 1);
  CHECK(message.at("content").at(0).at("input") == json::object());
}

TEST_CASE("chat to messages: each block is stopped exactly once, and each call is made exactly once") {
  const std::string out =
      translated_bytes(kRole + chunk(R"({"tool_calls":[)" + call(0, "call_1", "look", "") + "]}") +
                       chunk(R"({"tool_calls":[)" + call(0, "", "", "{\"a\":1}") + "]}") +
                       chunk("{}", R"("tool_calls")") + usage_chunk(R"({"prompt_tokens":1})") + kDone);
  CHECK(out.find("content_block_stop") != std::string::npos);
  CHECK(out.find("event: content_block_stop") == out.rfind("event: content_block_stop"));
  CHECK(out.find("event: content_block_start") == out.rfind("event: content_block_start"));
}

TEST_CASE("chat to messages: text and tool calls in one chunk, in either order, both arrive") {
  const std::string made = R"("tool_calls":[)" + call(0, "call_1", "look", "{\"q\":2}") + "]";
  for (const std::string& delta :
       {R"({"content":"Let me see.",)" + made + "}", "{" + made + R"(,"content":"Let me see."})"}) {
    const StreamedMessage message = translated(chunk(delta) + chunk("{}", R"("tool_calls")") + kDone);
    REQUIRE(message.blocks.size() == 2);
    CHECK(message.blocks[0].text == "Let me see.");
    CHECK(message.blocks[1].name == "look");
    CHECK(message.blocks[1].text == "{\"q\":2}");
  }
}

TEST_CASE("chat to messages: arguments in one chunk become an input_json_delta") {
  const StreamedMessage message = translated(chunk(R"({"role":"assistant","tool_calls":[)" +
                                                   call(0, "call_1", "look", "{\"city\":\"Paris\"}") + "]}") +
                                             chunk("{}", R"("tool_calls")") + kDone);
  REQUIRE(message.blocks.size() == 1);
  CHECK(message.blocks[0].deltas == 1);
  CHECK(message.blocks[0].text == "{\"city\":\"Paris\"}");
}

TEST_CASE("chat to messages: parallel calls stay apart, also when their pieces come mixed") {
  const std::string one_by_one = chunk(R"({"tool_calls":[)" + call(0, "call_a", "a", "{\"x\":") + "]}") +
                                 chunk(R"({"tool_calls":[)" + call(0, "", "", "\"}{\"}") + "]}") +
                                 chunk(R"({"tool_calls":[)" + call(1, "call_b", "b", "{\"y\":2}") + "]}");
  const std::string mixed =
      chunk(R"({"tool_calls":[)" + call(0, "call_a", "a", "") + "," + call(1, "call_b", "b", "") + "]}") +
      chunk(R"({"tool_calls":[)" + call(1, "", "", "{\"y\":") + "," + call(0, "", "", "{\"x\":") + "]}") +
      chunk(R"({"tool_calls":[)" + call(0, "", "", "\"}{\"}") + "," + call(1, "", "", "2}") + "]}");
  const std::string same_index = chunk(R"({"tool_calls":[)" + call(0, "call_a", "a", "{\"x\":\"}{\"}") + "," +
                                       call(0, "call_b", "b", "{\"y\":2}") + "]}");
  for (const std::string& chunks : {one_by_one, mixed, same_index}) {
    const StreamedMessage message = translated(kRole + chunks + chunk("{}", R"("tool_calls")") + kDone);
    REQUIRE(message.blocks.size() == 2);
    CHECK(message.blocks[0].id == "call_a");
    CHECK(message.blocks[0].text == "{\"x\":\"}{\"}");
    CHECK(message.blocks[1].id == "call_b");
    CHECK(message.blocks[1].text == "{\"y\":2}");
  }
}

TEST_CASE("chat to messages: reasoning does not become text; pings tell that the model is at work") {
  const StreamedMessage message = [] {
    const auto translator = chat_to_messages_reply(kOptions);
    std::string out;
    for (const std::string& piece :
         {kRole, chunk(R"({"reasoning_content":"hm"})"), chunk(R"({"reasoning":"hm"})"),
          chunk(R"({"content":"4"})"), chunk("{}", R"("stop")"), kDone}) {
      CHECK(translator->feed(piece, out).has_value());
    }
    translator->finish(out);
    return MessagesStreamReader().read(out);
  }();
  CHECK(message.problem == "");
  CHECK(text_of(message.blocks) == "4");
  CHECK(message.pings == 2);
}

TEST_CASE("chat to messages: an error inside a stream reaches the client with its wording") {
  for (const std::string& error :
       {std::string(
            R"(data: {"error":{"message":"Overloaded now","type":"server_error","code":"overloaded"}})"),
        std::string(
            "event: error\ndata: {\"error\":{\"message\":\"Overloaded now\",\"code\":\"overloaded\"}}")}) {
    const StreamedMessage message = translated(kRole + chunk(R"({"content":"x"})") + error + "\n\n" + kDone);
    CHECK(message.error_type == "overloaded_error");
    CHECK(message.error_message == "Overloaded now");
    CHECK_FALSE(message.stopped);
  }
  CHECK(translated("data: {\"error\":\"no\"}\n\n").error_message == "no");
}

TEST_CASE("chat to messages: a stream that breaks off ends in an error, wherever it breaks") {
  const std::string text = kRole + chunk(R"({"content":"He"})") +
                           chunk(R"({"tool_calls":[)" + call(0, "call_1", "look", "{\"a\":") + "]}") +
                           chunk(R"({"tool_calls":[)" + call(0, "", "", "1}") + "]}");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const StreamedMessage message = translated(std::string_view(text).substr(0, size));
    CHECK(message.error_type == "api_error");
    CHECK_FALSE(message.stopped);
  }
  CHECK(translated(text + "data: {\"choices\":[\n\n" + kDone).error_type == "api_error");
  CHECK(translated(kDone).error_type == "api_error");
}

TEST_CASE("chat to messages: a stream without [DONE] whose message is whole ends well") {
  const StreamedMessage message =
      translated(kRole + chunk(R"({"content":"x"})") + chunk("{}", R"("length")"));
  CHECK(message.stopped);
  CHECK(message.stop_reason == "max_tokens");
}

TEST_CASE("chat to messages: escapes, surrogates and foreign line ends pass unharmed") {
  const StreamedMessage message = translated(
      "data:{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\n\\\"b\\\\\\u00e9\xC3\xA9\"}}"
      "]}\r\n\r\n"
      "data: "
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\\ude00\"},\"finish_reason\":\"stop\"}]}"
      "\r\r" +
      kDone);
  CHECK(text_of(message.blocks) == "a\n\"b\\\xC3\xA9\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(translated("data: {\"choices\":[{\"delta\":{\"content\":\"\\q\"}}]}\n\n").error_type == "api_error");
}

TEST_CASE("chat to messages: refusals, other choices, and ids that the provider leaves out") {
  const StreamedMessage message =
      translated(chunk(R"({"refusal":"I cannot."})") + chunk("{}", R"("stop")") +
                 R"(data: {"choices":[{"index":1,"delta":{"content":"other"},"finish_reason":"length"}]})"
                 "\n\n" +
                 kDone);
  CHECK(message.stop_reason == "refusal");
  CHECK(text_of(message.blocks) == "I cannot.");
  const StreamedMessage unnamed = translated(
      R"(data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}]})"
      "\n\n" +
      kDone);
  CHECK(unnamed.id == "msg_own");
  CHECK(unnamed.blocks.at(0).id == "msg_own_0");
}

TEST_CASE("chat to messages: text after a tool call is kept, in a block of its own") {
  const StreamedMessage message =
      translated(kRole + chunk(R"({"tool_calls":[)" + call(0, "call_1", "look", "{") + "]}") +
                 chunk(R"({"content":"late"})") + chunk(R"({"tool_calls":[)" + call(0, "", "", "}") + "]}") +
                 chunk(R"({"content":"r"})") + chunk("{}", R"("tool_calls")") + kDone);
  REQUIRE(message.blocks.size() == 2);
  CHECK(message.blocks[0].text == "{}");
  CHECK(message.blocks[1].text == "later");
}

TEST_CASE(
    "chat to messages: what is no completion is an error, and a call cut off by the limit is left out") {
  const auto translator = chat_to_messages_reply(kOptions);
  for (const std::string_view body :
       {"", "{", "[]", R"({"choices":[]})", R"({"error":{"message":"no"}})",
        R"({"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}]})",
        R"({"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}}]})"}) {
    const auto reply = translator->whole(body);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == Code::upstream_failed);
  }
  const json::value cut = whole(
      R"({"choices":[{"finish_reason":"length","message":{"content":"x","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}}]})");
  CHECK(cut.at("stop_reason") == "max_tokens");
  CHECK(cut.at("content").as_array().size() == 1);
}

}  // namespace weir::model

#include "model/dialects/messages_to_chat_request.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.h"
#include "model_recordings.h"

namespace weir::model {
namespace {

const RequestOptions kOptions{.model = "gpt-x"};

std::string request(std::string_view fields) {
  return R"({"model":"claude","max_tokens":100,)" + std::string(fields) + "}";
}

const std::string kHello = R"("messages":[{"role":"user","content":"Hello"}])";

json::value translated(std::string_view body, std::vector<std::string>* left_out = nullptr) {
  const auto out = messages_to_chat(body, kOptions);
  const std::string problem = out ? "" : out.error().message + " " + out.error().field;
  CHECK(problem == "");
  REQUIRE(out.has_value());
  if (left_out != nullptr) *left_out = out->left_out;
  return json::parse(out->body);
}

json::value turns(std::string_view messages) {
  return translated(request("\"messages\":" + std::string(messages))).at("messages");
}

// The field that is refused; empty: none.
std::string refused(std::string_view fields) {
  const auto out = messages_to_chat(request(fields), kOptions);
  if (out) return "";
  CHECK(out.error().code == Code::invalid_request);
  CHECK_FALSE(out.error().hint.empty());
  return out.error().field;
}

}  // namespace

TEST_CASE("messages to chat: the smallest request") {
  CHECK(
      translated(request(kHello)) ==
      json::parse(
          R"({"model":"gpt-x","max_completion_tokens":100,"messages":[{"role":"user","content":"Hello"}]})"));
}

TEST_CASE("messages to chat: system stands first, and again where a later turn says it") {
  const json::value out = translated(request(
      R"("system":[{"type":"text","text":"x-anthropic-billing-header: cc=1"},{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},)"
      R"({"type":"text","text":"Be kind."}],"messages":[{"role":"user","content":"a"},{"role":"system","content":"Now in French."},)"
      R"({"role":"assistant","content":"b"},{"role":"user","content":[{"type":"text","text":"c"}]}])"));
  CHECK(out.at("messages") ==
        json::parse(R"([{"role":"system","content":"Be brief.\n\nBe kind."},{"role":"user","content":"a"},)"
                    R"({"role":"system","content":"Now in French."},{"role":"assistant","content":"b"},)"
                    R"({"role":"user","content":"c"}])"));
}

TEST_CASE("messages to chat: images and documents") {
  const json::value out = turns(
      R"([{"role":"user","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AAAA"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://x/y.gif"}},)"
      R"({"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}},)"
      R"({"type":"document","title":"Notes","context":"Mine","source":{"type":"text","media_type":"text/plain","data":"inner"}},)"
      R"({"type":"search_result","title":"T","source":"S","content":[{"type":"text","text":"found"}]}]}])");
  CHECK(
      out ==
      json::parse(
          R"([{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/webp;base64,AAAA"}},)"
          R"({"type":"image_url","image_url":{"url":"https://x/y.gif"}},)"
          R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},)"
          R"({"type":"text","text":"Notes\nMine"},{"type":"text","text":"inner"},{"type":"text","text":"T\nS\n\nfound"}]}])"));
}

TEST_CASE("messages to chat: parallel tool calls, and their results before what the user says") {
  const json::value out = turns(
      R"([{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},)"
      R"({"type":"text","text":"I look "},{"type":"text","text":"twice."},)"
      R"({"type":"tool_use","id":"toolu_1","name":"look","input":{"n":0.1,"big":9007199254740993}},{"type":"tool_use","id":"toolu_2","name":"look","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_2","is_error":true,"content":"no"},)"
      R"({"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"type":"text","text":"well?"}]}])");
  const json::value& assistant = out.at(1);
  CHECK(assistant.at("content") == "I look twice.");
  CHECK(assistant.at("tool_calls").at(0).at("id") == "toolu_1");
  CHECK(assistant.at("tool_calls").at(0).at("type") == "function");
  CHECK(json::parse(
            std::string_view(assistant.at("tool_calls").at(0).at("function").at("arguments").as_string())) ==
        json::parse(R"({"n":0.1,"big":9007199254740993})"));
  CHECK(assistant.at("tool_calls").at(1).at("function").at("arguments") == "{}");
  CHECK(out.at(2) == json::parse(R"({"role":"tool","tool_call_id":"toolu_2","content":"Error: no"})"));
  CHECK(out.at(3) == json::parse(R"({"role":"tool","tool_call_id":"toolu_1","content":"a\n\nb"})"));
  CHECK(out.at(4) == json::parse(R"({"role":"user","content":"well?"})"));
}

TEST_CASE("messages to chat: an image in a result follows in a user message; thinking alone leaves no turn") {
  const json::value out = turns(
      R"([{"role":"assistant","content":[{"type":"redacted_thinking","data":"x"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"shot","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]}]}])");
  REQUIRE(out.as_array().size() == 3);
  CHECK(out.at(0).at("content").is_null());
  CHECK(out.at(1).at("content") == "[attachment 1 of the result of t follows in the next user message]");
  CHECK(out.at(2).at("content").at(0).at("text") == "[attachment 1 of the result of t]");
  CHECK(out.at(2).at("content").at(1).at("image_url").at("url") == "data:image/png;base64,AA");
}

TEST_CASE("messages to chat: tools and the choice among them") {
  const std::string tools =
      R"("tools":[{"name":"look","description":"d","input_schema":{"type":"object","properties":{"q":{"type":"string"}}},"strict":true},{"type":"custom","name":"go"}])";
  const json::value out = translated(request(kHello + "," + tools));
  CHECK(
      out.at("tools") ==
      json::parse(
          R"([{"type":"function","function":{"name":"look","description":"d","parameters":{"type":"object","properties":{"q":{"type":"string"}}},"strict":true}},)"
          R"({"type":"function","function":{"name":"go","parameters":{"type":"object","properties":{}}}}])"));
  const auto choice = [&](std::string_view value) {
    const json::value with =
        translated(request(kHello + "," + tools + ",\"tool_choice\":" + std::string(value)));
    CHECK((find_member(with, "parallel_tool_calls") != nullptr) == value.contains("disable"));
    return with.at("tool_choice");
  };
  CHECK(choice(R"({"type":"auto","disable_parallel_tool_use":true})") == "auto");
  CHECK(choice(R"({"type":"any"})") == "required");
  CHECK(choice(R"({"type":"none"})") == "none");
  CHECK(choice(R"({"type":"tool","name":"look"})") ==
        json::parse(R"({"type":"function","function":{"name":"look"}})"));
  CHECK(find_member(translated(request(kHello + R"(,"tools":[],"tool_choice":{"type":"auto"})")),
                    "tool_choice") == nullptr);
}

TEST_CASE("messages to chat: the other fields") {
  std::vector<std::string> left_out;
  const json::value out = translated(
      request(
          kHello +
          R"(,"stream":true,"stop_sequences":["a","b"],"temperature":0.5,"top_p":0.9,"top_k":4,"metadata":{"user_id":"u1"},)"
          R"("service_tier":"standard_only","thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh","format":{"type":"json_schema",)"
          R"("schema":{"type":"object"}}},"cache_control":{"type":"ephemeral"},"container":null,)"
          R"("context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})"),
      &left_out);
  CHECK(out.at("stream") == true);
  CHECK(out.at("stream_options") == json::parse(R"({"include_usage":true})"));
  CHECK(out.at("stop") == json::parse(R"(["a","b"])"));
  CHECK(out.at("temperature") == 0.5);
  CHECK(out.at("top_p") == 0.9);
  CHECK(out.at("user") == "u1");
  CHECK(out.at("service_tier") == "default");
  CHECK(out.at("reasoning_effort") == "xhigh");
  CHECK(
      out.at("response_format") ==
      json::parse(
          R"({"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}})"));
  for (const std::string_view name : {"top_k", "thinking", "cache_control", "context_management"}) {
    CHECK(std::ranges::count(left_out, name) == 1);
  }
  const auto plain = messages_to_chat(
      request(kHello + R"(,"temperature":1,"metadata":{"user_id":")" + std::string(65, 'u') + "\"}"),
      {.model = "m", .sampling = false});
  REQUIRE(plain.has_value());
  CHECK(plain->left_out == std::vector<std::string>{"temperature", "metadata.user_id"});
}

TEST_CASE("messages to chat: what would change the answer is refused by name") {
  for (const std::string_view name : {"container", "mcp_servers", "fallbacks", "thread", "compaction",
                                      "billing_policy", "inference_geo", "a_new_field"}) {
    CHECK(refused(kHello + ",\"" + std::string(name) + "\":\"us\"") == name);
  }
  const auto tool = [](std::string_view text) {
    return refused(kHello + ",\"tools\":[{\"name\":\"a\"}," + std::string(text) + "]");
  };
  CHECK(tool(R"({"type":"web_search_20260318","name":"web_search"})") == "tools[1].type");
  CHECK(tool(R"({"name":"b","allowed_callers":["code_execution_20260120"]})") == "tools[1].allowed_callers");
  CHECK(tool(R"({"input_schema":{}})") == "tools[1].name");
  const auto block = [](std::string_view role, std::string_view text) {
    return refused(R"("messages":[{"role":")" + std::string(role) + R"(","content":[)" + std::string(text) +
                   R"(]},{"role":"user","content":"x"}])");
  };
  CHECK(block("user", R"({"type":"image","source":{"type":"file","file_id":"f"}})") ==
        "messages[0].content[0].source");
  CHECK(block("user", R"({"type":"document","source":{"type":"url","url":"https://x"}})") ==
        "messages[0].content[0].source");
  CHECK(block("user",
              R"({"type":"document","citations":{"enabled":true},"source":{"type":"text","data":"x"}})") ==
        "messages[0].content[0].citations");
  CHECK(block("user", R"({"type":"tool_result","content":"x"})") == "messages[0].content[0].tool_use_id");
  CHECK(block("assistant", R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})") ==
        "messages[0].content[0].type");
  CHECK(block("assistant", R"({"type":"compaction","content":"x"})") == "messages[0].content[0].type");
  CHECK(refused(
            R"("messages":[{"role":"user","content":"x"},{"role":"assistant","content":"The answer is"}])") ==
        "messages[1]");
  CHECK(refused(R"("messages":[])") == "messages");
  CHECK(refused(R"("messages":[{"role":"robot","content":"x"}])") == "messages[0].role");
  CHECK(refused(kHello + R"(,"max_tokens":0)") == "max_tokens");
  CHECK(refused(kHello + R"(,"stop_sequences":["a","b","c","d","e"])") == "stop_sequences");
  CHECK(refused(kHello + R"(,"output_config":{"format":{"type":"text"}})") == "output_config.format");
  CHECK(refused(kHello + R"(,"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})") ==
        "context_management.edits[0]");
  CHECK(refused(kHello + R"(,"tools":[{"name":"a"}],"tool_choice":{"type":"tool"})") == "tool_choice");
  CHECK_FALSE(messages_to_chat("{", kOptions).has_value());
  CHECK_FALSE(messages_to_chat("[]", kOptions).has_value());
}

TEST_CASE("messages to chat: every recorded request is translated or refused by a field's name") {
  int done = 0;
  int refusals = 0;
  for (const Recording& recording : recordings("anthropic")) {
    const json::value* body = find_member(recording.request, "body");
    if (!recording.path.ends_with("/v1/messages") || body == nullptr || !body->is_object()) continue;
    CAPTURE(recording.file);
    const auto out = messages_to_chat(json::serialize(*body), kOptions);
    if (!out) {
      ++refusals;
      CHECK_FALSE(out.error().field.empty());
      continue;
    }
    ++done;
    const json::value chat = json::parse(out->body);
    std::vector<std::string_view> open;  // calls that a tool message must answer
    for (const json::value& message : chat.at("messages").as_array()) {
      const std::string_view role = string_member(message, "role");
      CHECK((role == "system" || role == "user" || role == "assistant" || role == "tool"));
      if (role == "tool") {
        const auto answered = std::ranges::find(open, string_member(message, "tool_call_id"));
        CHECK(answered != open.end());
        if (answered != open.end()) open.erase(answered);
        continue;
      }
      CHECK(open.empty());
      const json::value* calls = find_member(message, "tool_calls");
      if (calls == nullptr) continue;
      for (const json::value& call : calls->as_array()) open.push_back(string_member(call, "id"));
    }
    CHECK(open.empty());
  }
  MESSAGE("recorded Messages requests translated: " << done << ", refused by name: " << refusals);
}

}  // namespace weir::model

#include "model/dialects/chat_to_messages_request.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "dialect_recordings.h"
#include "field_table.h"

namespace weir::model {
namespace {

const RequestOptions kOptions{.model = "claude-x", .max_tokens = 4096};

// A body with `members` besides the model and one message.
std::string with(std::string_view members) {
  return R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + std::string(members) + "}";
}
std::string asking(std::string_view messages) {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]}";
}

json::value translated(std::string_view body, const RequestOptions& options = kOptions) {
  const auto request = chat_to_messages(body, options);
  INFO(body);
  if (!request) FAIL(request.error().message);
  return json::parse(request->body);
}

std::vector<std::string> left_out(std::string_view body, const RequestOptions& options = kOptions) {
  const auto request = chat_to_messages(body, options);
  if (!request) FAIL(request.error().message);
  return request->left_out;
}

std::string refused_field(std::string_view body, const RequestOptions& options = kOptions) {
  const auto request = chat_to_messages(body, options);
  if (request) return "(translated)";
  CHECK(request.error().code == Code::invalid_request);
  CHECK_FALSE(request.error().message.empty());
  CHECK_FALSE(request.error().hint.empty());
  return request.error().field;
}

// The members of the translated request, without those that with() brings.
json::value settings(std::string_view members, const RequestOptions& options = kOptions) {
  json::value body = translated(with(members), options);
  for (const auto* name : {"model", "messages", "max_tokens"}) {
    if (std::string_view(name) == "max_tokens" && body.at("max_tokens") != json::value(4096)) continue;
    body.get_object().erase(name);
  }
  return body;
}

struct Row {
  std::string_view chat;
  std::string_view claude;
};

}  // namespace

TEST_CASE("chat to messages: the smallest request") {
  CHECK(translated(R"({"model":"gpt","messages":[{"role":"user","content":"hi"}]})") ==
        json::parse(R"({"model":"claude-x","max_tokens":4096,
                        "messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})"));
}

TEST_CASE("chat to messages: settings") {
  for (
      const Row& row : std::initializer_list<Row>{
          {R"("max_tokens":7)", R"({"max_tokens":7})"},
          {R"("max_tokens":7,"max_completion_tokens":9)", R"({"max_tokens":9})"},
          {R"("max_tokens":null,"n":1,"logprobs":false,"top_logprobs":null,"logit_bias":{})", "{}"},
          {R"("stream":true)", R"({"stream":true})"},
          {R"("stream":false)", "{}"},
          {R"("temperature":0.5,"top_p":1)", R"({"temperature":0.5,"top_p":1})"},
          {R"("temperature":1.7)", R"({"temperature":1})"},
          {R"("stop":"END")", R"({"stop_sequences":["END"]})"},
          {R"("stop":["a","b"])", R"({"stop_sequences":["a","b"]})"},
          {R"("stop":[])", "{}"},
          {R"("reasoning_effort":"minimal")", R"({"output_config":{"effort":"low"}})"},
          {R"("reasoning_effort":"xhigh")", R"({"output_config":{"effort":"xhigh"}})"},
          {R"("reasoning_effort":"none")", R"({"thinking":{"type":"disabled"}})"},
          {R"("thinking":{"type":"adaptive"},"reasoning_effort":"max")",
           R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"max"}})"},
          {R"("user":"u1")", R"({"metadata":{"user_id":"u1"}})"},
          {R"("safety_identifier":"s1")", R"({"metadata":{"user_id":"s1"}})"},
          {R"("user":"u1","safety_identifier":"s1")", R"({"metadata":{"user_id":"u1"}})"},
          {R"("service_tier":"auto")", R"({"service_tier":"auto"})"},
          {R"("service_tier":"priority")", R"({"service_tier":"auto"})"},
          {R"("service_tier":"default")", R"({"service_tier":"standard_only"})"},
          {R"("service_tier":"flex")", R"({"service_tier":"standard_only"})"},
          {R"("prompt_cache_key":"k")", R"({"cache_control":{"type":"ephemeral"}})"},
          {R"("prompt_cache_options":{"mode":"implicit","ttl":"30m"})",
           R"({"cache_control":{"type":"ephemeral","ttl":"1h"}})"},
          {R"("prompt_cache_key":"k","prompt_cache_options":{"mode":"explicit"})", "{}"},
          {R"("response_format":{"type":"text"})", "{}"},
          {R"("response_format":{"type":"json_schema","json_schema":{"name":"x","description":"A dog.","strict":true,
                "schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"object"}},
                "b":{"type":"object","additionalProperties":{"type":"string"}}}}}})",
           R"({"output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false,
                "description":"A dog.","properties":{"a":{"type":"array",
                "items":{"type":"object","additionalProperties":false}},
                "b":{"type":"object","additionalProperties":{"type":"string"}}}}}}})"},
          {R"("modalities":["text"],"seed":4,"store":true,"metadata":{"a":"b"},"verbosity":"low")", "{}"},
          {R"("frequency_penalty":0.5,"presence_penalty":0.1,"prediction":{"type":"content","content":"x"})",
           "{}"},
          {R"("tools":[],"tool_choice":"none")", "{}"}}) {
    INFO(row.chat);
    CHECK(settings(row.chat) == json::parse(row.claude));
  }
}

TEST_CASE("chat to messages: what the model does not take") {
  const RequestOptions newest{.model = "claude-x", .sampling = false, .thinking_optional = false};
  CHECK(settings(R"("temperature":0.5,"top_p":1)", newest) == json::parse("{}"));
  CHECK(left_out(with(R"("temperature":0.5,"top_p":1)"), newest) ==
        std::vector<std::string>{"temperature", "top_p"});
  CHECK(settings(R"("reasoning_effort":"none")", newest) ==
        json::parse(R"({"output_config":{"effort":"low"}})"));
}

TEST_CASE("chat to messages: what is left out is told") {
  CHECK(left_out(with(R"("seed":4,"store":true,"user":"a","safety_identifier":"b","verbosity":null)")) ==
        std::vector<std::string>{"seed", "store", "safety_identifier"});
  CHECK(left_out(asking(R"({"role":"user","name":"Ann","content":[{"type":"text","text":"x"},
        {"type":"image_url","image_url":{"url":"https://x/y.png","detail":"high"}}]},
        {"role":"assistant","content":"y","reasoning_content":"hm","annotations":[],"refusal":null})")) ==
        std::vector<std::string>{"messages[].content[].image_url.detail", "messages[].name",
                                 "messages[].reasoning_content"});
  CHECK(left_out(with(R"("max_tokens":4)")).empty());
}

TEST_CASE("chat to messages: stream options") {
  CHECK(chat_to_messages(with(R"("stream":true,"stream_options":{"include_usage":true})"), kOptions)
            ->include_usage);
  CHECK_FALSE(
      chat_to_messages(with(R"("stream":true,"stream_options":{"include_obfuscation":false})"), kOptions)
          ->include_usage);
  CHECK(chat_to_messages(with(R"("stream":true)"), kOptions)->stream);
  CHECK_FALSE(chat_to_messages(with(R"("stream":null)"), kOptions)->stream);
}

TEST_CASE("chat to messages: tools") {
  constexpr std::string_view tools = R"("tools":[{"type":"function","function":{"name":"f","description":"d",
      "parameters":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true}},
      {"type":"function","function":{"name":"g","strict":false}},
      {"type":"function","function":{"name":"h","parameters":{"properties":{}}}}])";
  constexpr std::string_view claude_tools = R"("tools":[{"name":"f","description":"d",
      "input_schema":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true},
      {"name":"g","input_schema":{"type":"object","properties":{}}},
      {"name":"h","input_schema":{"type":"object","properties":{}}}])";
  for (const Row& row : std::initializer_list<Row>{
           {"", ""},
           {R"(,"tool_choice":"auto")", R"(,"tool_choice":{"type":"auto"})"},
           {R"(,"tool_choice":"required")", R"(,"tool_choice":{"type":"any"})"},
           {R"(,"tool_choice":"none","parallel_tool_calls":false)", R"(,"tool_choice":{"type":"none"})"},
           {R"(,"parallel_tool_calls":false)",
            R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})"},
           {R"(,"parallel_tool_calls":true)", ""},
           {R"(,"tool_choice":{"type":"function","function":{"name":"g"}},"parallel_tool_calls":false)",
            R"(,"tool_choice":{"type":"tool","name":"g","disable_parallel_tool_use":true})"}}) {
    INFO(row.chat);
    CHECK(settings(std::string(tools) + std::string(row.chat)) ==
          json::parse("{" + std::string(claude_tools) + std::string(row.claude) + "}"));
  }
  const json::value allowed = settings(std::string(tools) + R"(,"tool_choice":{"type":"allowed_tools",
      "allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})");
  CHECK(allowed.at("tools").get_array().size() == 1);
  CHECK(allowed.at("tool_choice") == json::parse(R"({"type":"any"})"));
}

TEST_CASE("chat to messages: system texts") {
  constexpr std::string_view messages =
      R"({"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},
      {"role":"user","content":"x"},{"role":"system","content":"c"},{"role":"user","content":"y"},
      {"role":"assistant","content":"z"},{"role":"system","content":"d"},{"role":"assistant","content":"w"},
      {"role":"user","content":"v"},{"role":"system","content":"e"})";
  const json::value hoisted = translated(asking(messages));
  CHECK(hoisted.at("system") ==
        json::parse(R"([{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"c"},
      {"type":"text","text":"d"},{"type":"text","text":"e"}])"));
  CHECK(hoisted.at("messages") == json::parse(R"([
      {"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},
      {"role":"assistant","content":[{"type":"text","text":"z"},{"type":"text","text":"w"}]},
      {"role":"user","content":[{"type":"text","text":"v"}]}])"));
  const json::value in_place = translated(asking(messages), {.model = "claude-x", .system_turns = true});
  CHECK(in_place.at("system") ==
        json::parse(R"([{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"d"}])"));
  CHECK(in_place.at("messages") == json::parse(R"([
      {"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},
      {"role":"system","content":[{"type":"text","text":"c"}]},
      {"role":"assistant","content":[{"type":"text","text":"z"},{"type":"text","text":"w"}]},
      {"role":"user","content":[{"type":"text","text":"v"}]},
      {"role":"system","content":[{"type":"text","text":"e"}]}])"));
  CHECK(translated(asking(R"({"role":"system","content":"only"})")).at("messages") ==
        json::parse(R"([{"role":"user","content":[{"type":"text","text":"only"}]}])"));
}

TEST_CASE("chat to messages: content parts") {
  for (
      const Row& row : std::initializer_list<Row>{
          {R"({"type":"text","text":"<a>\u2028\n"})", R"({"type":"text","text":"<a>\u2028\n"})"},
          {R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}})",
           R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}})"},
          {R"({"type":"image_url","image_url":{"url":"data:image/JPG;base64,QUJD"}})",
           R"({"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"QUJD"}})"},
          {R"({"type":"image_url","image_url":{"url":"https://x.org/a.gif"}})",
           R"({"type":"image","source":{"type":"url","url":"https://x.org/a.gif"}})"},
          {R"({"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD","filename":"a.pdf"}})",
           R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"},"title":"a.pdf"})"},
          {R"({"type":"file","file":{"file_data":"JVBERi0x"}})",
           R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0x"}})"},
          {R"({"type":"file","file":{"file_data":"data:text/csv;charset=utf-8;base64,YSxi","filename":"t"}})",
           R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"a,b"},"title":"t"})"},
          {R"({"type":"file","file":{"file_data":"data:image/webp;base64,QUJD"}})",
           R"({"type":"image","source":{"type":"base64","media_type":"image/webp","data":"QUJD"}})"},
          {R"({"type":"text","text":"p","prompt_cache_breakpoint":{"mode":"explicit"}})",
           R"({"type":"text","text":"p","cache_control":{"type":"ephemeral"}})"},
          {R"({"type":"text","text":"p","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}})",
           R"({"type":"text","text":"p","cache_control":{"type":"ephemeral","ttl":"1h"}})"}}) {
    INFO(row.chat);
    const json::value body =
        translated(asking(R"({"role":"user","content":[)" + std::string(row.chat) + "]}"));
    CHECK(body.at("messages").at(0).at("content") == json::parse("[" + std::string(row.claude) + "]"));
  }
}

TEST_CASE("chat to messages: of too many breakpoints the last ones count") {
  std::string parts;
  for (int i = 0; i < 6; ++i) {
    parts += std::string(i == 0 ? "" : ",") +
             R"({"type":"text","text":"p","prompt_cache_breakpoint":{"mode":"explicit"}})";
  }
  const std::string message = R"({"role":"user","content":[)" + parts + "]}";
  const auto marked = [&](std::string_view more) {
    std::vector<bool> out;
    const json::value body =
        translated(R"({"model":"m","messages":[)" + message + "]" + std::string(more) + "}");
    for (const auto& block : body.at("messages").at(0).at("content").get_array()) {
      out.push_back(block.get_object().contains("cache_control"));
    }
    return out;
  };
  CHECK(marked("") == std::vector<bool>{false, false, true, true, true, true});
  CHECK(marked(R"(,"prompt_cache_key":"k")") == std::vector<bool>{false, false, false, true, true, true});
}

TEST_CASE("chat to messages: tool calls and results") {
  const json::value body = translated(asking(R"({"role":"user","content":"x"},
      {"role":"assistant","content":null,"refusal":null,"tool_calls":[
        {"id":"call.1","type":"function","function":{"name":"f","arguments":"{\"a\": 12345678901234567890123}"}},
        {"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},
      {"role":"user","content":"while you look"},
      {"role":"tool","tool_call_id":"call.1","content":"one"},
      {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"},{"type":"text","text":"three"}]},
      {"role":"user","content":"and?"},
      {"role":"assistant","content":"","tool_calls":[{"id":"c2","type":"function","index":0,
        "function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c2","content":""})"));
  CHECK(body.at("messages") == json::parse(R"([{"role":"user","content":[{"type":"text","text":"x"}]},
      {"role":"assistant","content":[
        {"type":"tool_use","id":"call_1","name":"f","input":{"a": 12345678901234567890123}},
                                     {"type":"tool_use","id":"c2","name":"g","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"one"}]},
        {"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"},
          {"type":"text","text":"three"}]},
        {"type":"text","text":"while you look"},{"type":"text","text":"and?"}]},
      {"role":"assistant","content":[{"type":"tool_use","id":"c2","name":"g","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"c2"}]}])"));
}

TEST_CASE("chat to messages: refusals name their field") {
  const std::string call =
      R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]})";
  for (
      const auto& [body, field] : std::initializer_list<std::pair<std::string, std::string_view>>{
          {"[]", ""},
          {R"({"messages":[]})", "model"},
          {R"({"model":"m"})", "messages"},
          {R"({"model":"m","messages":[]})", "messages"},
          {with(R"("n":2)"), "n"},
          {with(R"("logprobs":true)"), "logprobs"},
          {with(R"("top_logprobs":3)"), "top_logprobs"},
          {with(R"("logit_bias":{"50256":-100})"), "logit_bias"},
          {with(R"("audio":{"voice":"alloy","format":"mp3"})"), "audio"},
          {with(R"("modalities":["text","audio"])"), "modalities"},
          {with(R"("functions":[{"name":"f"}])"), "functions"},
          {with(R"("function_call":"auto")"), "function_call"},
          {with(R"("moderation":{"model":"x"})"), "moderation"},
          {with(R"("web_search_options":{})"), "web_search_options"},
          {with(R"("top_k":4)"), "top_k"},
          {with(R"("max_tokens":0)"), "max_tokens"},
          {with(R"("max_tokens":"9")"), "max_tokens"},
          {with(R"("temperature":-1)"), "temperature"},
          {with(R"("top_p":1.5)"), "top_p"},
          {with(R"("stop":["\n\n"])"), "stop"},
          {with(R"("stop":4)"), "stop"},
          {with(R"("stream":"yes")"), "stream"},
          {with(R"("stream_options":{"x":1})"), "stream_options.x"},
          {with(R"("reasoning_effort":"huge")"), "reasoning_effort"},
          {with(R"("service_tier":"gold")"), "service_tier"},
          {with(R"("user":4)"), "user"},
          {with(R"("prompt_cache_options":{"mode":"x"})"), "prompt_cache_options.mode"},
          {with(R"("prompt_cache_options":4)"), "prompt_cache_options"},
          {with(R"("response_format":{"type":"json_object"})"), "response_format"},
          {with(R"("response_format":{"type":"json_schema","json_schema":{"name":"x"}})"),
           "response_format.json_schema.schema"},
          {with(R"("tools":[{"type":"custom","custom":{"name":"x"}}])"), "tools[0].type"},
          {with(R"("tools":[{"type":"function","function":{}}])"), "tools[0].function.name"},
          {with(R"("tools":[{"type":"function","function":{"name":"f","parameters":[]}}])"),
           "tools[0].function.parameters"},
          {with(R"("tools":[{"type":"function","function":{"name":"f","x":1}}])"), "tools[0].function.x"},
          {with(R"("tool_choice":"required")"), "tool_choice"},
          {with(R"("tool_choice":"any")"), "tool_choice"},
          {with(R"("tool_choice":{"type":"custom","custom":{"name":"x"}})"), "tool_choice"},
          {asking(R"({"role":"function","name":"f","content":"x"})"), "messages[0].role"},
          {asking(R"({"role":"user"})"), "messages[0].content"},
          {asking(R"({"role":"user","content":""})"), "messages"},
          {asking(R"({"role":"user","content":4})"), "messages[0].content"},
          {asking(R"({"role":"user","content":"x","mood":"good"})"), "messages[0].mood"},
          {asking(R"({"role":"system","content":[{"type":"image_url","image_url":{"url":"https://x"}}]})"),
           "messages[0].content[0].type"},
          {asking(R"({"role":"user","content":[{"type":"input_audio","input_audio":{}}]})"),
           "messages[0].content[0].type"},
          {asking(R"({"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]})"),
           "messages[0].content[0].file.file_id"},
          {asking(R"({"role":"user","content":[{"type":"file","file":{"file_data":"QUJD"}}]})"),
           "messages[0].content[0].file.file_data"},
          {asking(
               R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,QQ=="}}]})"),
           "messages[0].content[0].image_url.url"},
          {asking(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x/a.png"}}]})"),
           "messages[0].content[0].image_url.url"},
          {asking(R"({"role":"user","content":[{"type":"image_url","image_url":"https://x"}]})"),
           "messages[0].content[0].image_url"},
          {asking(R"({"role":"assistant","content":"x","audio":{"id":"a"}})"), "messages[0].audio"},
          {asking(R"({"role":"assistant","function_call":{"name":"f","arguments":""}})"),
           "messages[0].function_call"},
          {asking(
               R"({"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{oops"}}]})"),
           "messages[0].tool_calls[0]"},
          {asking(
               R"({"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"x"}}]})"),
           "messages[0].tool_calls[0].type"},
          {asking(call), "messages"},
          {asking(call + R"(,{"role":"tool","tool_call_id":"other","content":"x"})"),
           "messages[2].tool_call_id"},
          {asking(
               call +
               R"(,{"role":"tool","tool_call_id":"c","content":"x"},{"role":"tool","tool_call_id":"c","content":"x"})"),
           "messages[3].tool_call_id"},
      }) {
    INFO(body);
    CHECK(refused_field(body) == field);
  }
  CHECK(refused_field("{") == "");
}

TEST_CASE("chat to messages: every recorded request translates or is refused by name") {
  std::map<std::string, int> refusals;
  int translations = 0;
  for (const auto& exchange : testing::recorded_exchanges("openai")) {
    const json::value* body = find_member(exchange.request, "body");
    if (!exchange.asks("chat/completions") || body == nullptr || !body->is_object()) continue;
    const auto request = chat_to_messages(json::serialize(*body), kOptions);
    INFO(exchange.name);
    if (!request) {
      CHECK(request.error().code == Code::invalid_request);
      CHECK_FALSE(request.error().field.empty());
      ++refusals[request.error().message];
      continue;
    }
    ++translations;
    const json::value out = json::parse(request->body, {}, {.max_depth = 256});
    CHECK(out.at("messages").get_array().size() > 0);
    for (std::size_t i = 0; i < out.at("messages").get_array().size(); ++i) {
      CHECK(out.at("messages").at(i).at("content").get_array().size() > 0);
    }
  }
  MESSAGE("chat requests: " << translations << " translated");
  for (const auto& [why, count] : refusals) MESSAGE("  refused " << count << ": " << why);
}

TEST_CASE("chat to messages: the documentation names every field and its fate") {
  std::vector<std::string> rows;
  for (const inbound::FieldRule& rule : chat_request_fields()) rows.push_back(testing::documented_row(rule));
  CHECK(testing::documented_fields("## Chat Completions: the request's fields") == rows);
}

}  // namespace weir::model

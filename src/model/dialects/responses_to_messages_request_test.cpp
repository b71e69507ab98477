#include "model/dialects/responses_to_messages_request.h"

#include <doctest/doctest.h>

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

std::string with(std::string_view members) {
  return R"({"model":"m","input":"hi",)" + std::string(members) + "}";
}
std::string asking(std::string_view items) {
  return R"({"model":"m","input":[)" + std::string(items) + "]}";
}

json::value translated(std::string_view body, const RequestOptions& options = kOptions) {
  const auto request = responses_to_messages(body, options);
  INFO(body);
  if (!request) FAIL(request.error().message);
  return json::parse(request->body);
}

std::vector<std::string> left_out(std::string_view body) {
  const auto request = responses_to_messages(body, kOptions);
  if (!request) FAIL(request.error().message);
  return request->left_out;
}

std::string refused_field(std::string_view body) {
  const auto request = responses_to_messages(body, kOptions);
  if (request) return "(translated)";
  CHECK(request.error().code == Code::invalid_request);
  CHECK_FALSE(request.error().hint.empty());
  return request.error().field;
}

json::value settings(std::string_view members) {
  json::value body = translated(with(members));
  for (const auto* name : {"model", "messages"}) body.get_object().erase(name);
  if (body.at("max_tokens") == json::value(4096)) body.get_object().erase("max_tokens");
  return body;
}

struct Row {
  std::string_view openai;
  std::string_view claude;
};

}  // namespace

TEST_CASE("responses to messages: settings") {
  for (
      const Row& row : std::initializer_list<Row>{
          {R"("store":false,"background":false,"previous_response_id":null,"top_logprobs":0)", "{}"},
          {R"("max_output_tokens":7)", R"({"max_tokens":7})"},
          {R"("stream":true)", R"({"stream":true})"},
          {R"("instructions":"Be brief.")", R"({"system":[{"type":"text","text":"Be brief."}]})"},
          {R"("reasoning":{"effort":"high","summary":"auto"})", R"({"output_config":{"effort":"high"}})"},
          {R"("reasoning":{"effort":"none"})", R"({"thinking":{"type":"disabled"}})"},
          {R"("text":{"format":{"type":"text"},"verbosity":"low"})", "{}"},
          {R"("text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object","properties":{}}}})",
           R"({"output_config":{"format":{"type":"json_schema",
                "schema":{"type":"object","properties":{},"additionalProperties":false}}}})"},
          {R"("include":["reasoning.encrypted_content"],"truncation":"disabled","metadata":{},"max_tool_calls":4)",
           "{}"},
          {R"("temperature":0.5,"top_p":0.9,"user":"u","service_tier":"flex")",
           R"({"temperature":0.5,"top_p":0.9,"metadata":{"user_id":"u"},"service_tier":"standard_only"})"},
          {R"("prompt_cache_key":"k")", R"({"cache_control":{"type":"ephemeral"}})"},
          {R"("tools":[{"type":"function","name":"f","description":null,"parameters":{"type":"object"},"strict":true,
                "defer_loading":false,"output_schema":{"type":"string"}}],
                "tool_choice":{"type":"function","name":"f"})",
           R"({"tools":[{"name":"f","input_schema":{"type":"object"},"strict":true}],"tool_choice":{"type":"tool","name":"f"}})"},
          {R"("tools":[{"type":"function","name":"f","parameters":null,"strict":null}],"parallel_tool_calls":false)",
           R"({"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],
                "tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"},
          {R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false},
                        {"type":"function","name":"g","parameters":{"type":"object"},"strict":false}],
               "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]})",
           R"({"tools":[{"name":"g","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"}})"}}) {
    INFO(row.openai);
    CHECK(settings(row.openai) == json::parse(row.claude));
  }
  CHECK(left_out(with(
            R"("reasoning":{"effort":"low","summary":"auto","context":"all_turns"},"text":{"verbosity":"low"},
                         "truncation":"auto","include":["web_search_call.action.sources"])")) ==
        std::vector<std::string>{"truncation", "include", "reasoning.summary", "reasoning.context",
                                 "text.verbosity"});
}

TEST_CASE("responses to messages: input items") {
  CHECK(translated(R"({"model":"m","input":"hi"})").at("messages") ==
        json::parse(R"([{"role":"user","content":[{"type":"text","text":"hi"}]}])"));
  const json::value body = translated(asking(R"({"role":"developer","content":"d"},
      {"role":"user","content":[{"type":"input_text","text":"see","prompt_cache_breakpoint":{"mode":"explicit"}},
        {"type":"input_image","image_url":"https://x.org/a.png","detail":"auto"},
        {"type":"input_image","image_url":"data:image/gif;base64,QUJD"},
        {"type":"input_file","file_url":"https://x.org/a.pdf","filename":"a.pdf"},
        {"type":"input_file","file_data":"data:application/pdf;base64,QUJD"}]},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],
        "encrypted_content":"claude.signature.S"},
      {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"claude.redacted.R"},
      {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"gAAAA"},
      {"type":"web_search_call","id":"ws_1","status":"completed"},
      {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[
        {"type":"output_text","text":"ok","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},
      {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"","status":"completed"},
      {"type":"function_call","id":"fc_2","call_id":"c2","name":"g","arguments":"{\"a\":1}"},
      {"type":"function_call_output","call_id":"c1","output":"one"},
      {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"},
        {"type":"input_image","image_url":"https://x.org/b.png"}]},
      {"type":"message","role":"user","content":"go on"})"));
  CHECK(body.at("system") == json::parse(R"([{"type":"text","text":"d"}])"));
  CHECK(body.at("messages") == json::parse(R"([
      {"role":"user","content":[{"type":"text","text":"see","cache_control":{"type":"ephemeral"}},
        {"type":"image","source":{"type":"url","url":"https://x.org/a.png"}},
        {"type":"image","source":{"type":"base64","media_type":"image/gif","data":"QUJD"}},
        {"type":"document","source":{"type":"url","url":"https://x.org/a.pdf"},"title":"a.pdf"},
        {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"}}]},
      {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"S"},{"type":"redacted_thinking","data":"R"},
        {"type":"text","text":"ok"},{"type":"text","text":"no"},{"type":"tool_use","id":"c1","name":"f","input":{}},
        {"type":"tool_use","id":"c2","name":"g","input":{"a":1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"one"}]},
        {"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"},
          {"type":"image","source":{"type":"url","url":"https://x.org/b.png"}}]},
        {"type":"text","text":"go on"}]}])"));
}

TEST_CASE("responses to messages: refusals name their field") {
  for (const auto& [body, field] : std::initializer_list<std::pair<std::string, std::string_view>>{
           {R"({"input":"x"})", "model"},
           {R"({"model":"m"})", "input"},
           {R"({"model":"m","input":[]})", "input"},
           {R"({"model":"m","input":4})", "input"},
           {with(R"("previous_response_id":"resp_1")"), "previous_response_id"},
           {with(R"("conversation":"conv_1")"), "conversation"},
           {with(R"("store":true)"), "store"},
           {with(R"("background":true)"), "background"},
           {with(R"("prompt":{"id":"p"})"), "prompt"},
           {with(R"("context_management":[{"type":"compaction"}])"), "context_management"},
           {with(R"("moderation":{"model":"x"})"), "moderation"},
           {with(R"("top_logprobs":2)"), "top_logprobs"},
           {with(R"("messages":[])"), "messages"},
           {with(R"("instructions":["x"])"), "instructions"},
           {with(R"("include":["message.output_text.logprobs"])"), "include[0]"},
           {with(R"("include":"x")"), "include"},
           {with(R"("reasoning":{"mode":"pro"})"), "reasoning.mode"},
           {with(R"("reasoning":{"effort":"huge"})"), "reasoning.effort"},
           {with(R"("reasoning":4)"), "reasoning"},
           {with(R"("text":{"format":{"type":"json_object"}})"), "text.format"},
           {with(R"("text":{"format":{"type":"grammar"}})"), "text.format"},
           {with(R"("text":{"shape":1})"), "text.shape"},
           {with(R"("tools":[{"type":"web_search"}])"), "tools[0].type"},
           {with(R"("tools":[{"type":"function","name":"f","defer_loading":true}])"),
            "tools[0].defer_loading"},
           {with(R"("tool_choice":{"type":"mcp","server_label":"x"})"), "tool_choice"},
           {with(R"("temperature":-1)"), "temperature"},
           {asking(R"({"type":"item_reference","id":"x"})"), "input[0].type"},
           {asking(R"({"type":"computer_call","id":"x"})"), "input[0].type"},
           {asking(R"({"type":"message","role":"robot","content":"x"})"), "input[0].role"},
           {asking(R"({"role":"user"})"), "input[0].content"},
           {asking(R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})"),
            "input[0].content[0].file_id"},
           {asking(R"({"role":"user","content":[{"type":"input_file","file_id":"f"}]})"),
            "input[0].content[0].file_id"},
           {asking(R"({"role":"user","content":[{"type":"input_audio"}]})"), "input[0].content[0].type"},
           {asking(R"({"role":"system","content":[{"type":"input_image","image_url":"https://x"}]})"),
            "input[0].content[0].type"},
           {asking(R"({"type":"function_call","call_id":"c","name":"f","arguments":"[1]"})"), "input[0]"},
           {asking(R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})"), "input"},
           {asking(R"({"type":"function_call_output","call_id":"c","output":"x"})"), "input[0].call_id"},
           {asking(R"("x")"), "input[0]"}}) {
    INFO(body);
    CHECK(refused_field(body) == field);
  }
}

TEST_CASE("responses to messages: every recorded request translates or is refused by name") {
  std::map<std::string, int> refusals;
  int translations = 0;
  for (const auto& exchange : testing::recorded_exchanges("openai")) {
    const json::value* body = find_member(exchange.request, "body");
    if (!exchange.asks("/responses") || body == nullptr || !body->is_object()) continue;
    const auto request = responses_to_messages(json::serialize(*body), kOptions);
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
    CHECK(json::parse(request->echo).is_object());
  }
  MESSAGE("responses requests: " << translations << " translated");
  for (const auto& [why, count] : refusals) MESSAGE("  refused " << count << ": " << why);
}

TEST_CASE("responses to messages: the documentation names every field and its fate") {
  std::vector<std::string> rows;
  for (const inbound::FieldRule& rule : responses_request_fields())
    rows.push_back(testing::documented_row(rule));
  CHECK(testing::documented_fields("## Responses: the request's fields") == rows);
}

}  // namespace weir::model

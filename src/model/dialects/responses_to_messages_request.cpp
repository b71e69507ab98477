#include "model/dialects/responses_to_messages_request.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_media.h"
#include "model/dialects/inbound_request.h"
#include "model/dialects/inbound_responses_input.h"

namespace weir::model {
namespace {

using namespace inbound;

// openai 3.54, types/responses/response_create_params.py; thinking is Claude's own field.
constexpr std::array kFields = {
    FieldRule{"access_programs", Fate::refused, "Claude has no such programs: leave it out"},
    FieldRule{"background", Fate::refused,
              "nothing is stored to be fetched later: wait for the answer, or stream it"},
    FieldRule{"background_options", Fate::refused, "background is refused: leave it out"},
    FieldRule{"context_management", Fate::refused, "Weir does not translate it: send a shorter input"},
    FieldRule{"conversation", Fate::refused, "nothing is stored: send the whole conversation as input"},
    FieldRule{"image", Fate::refused, "Claude has no such setting: leave it out"},
    FieldRule{"include", Fate::translated,
              "reasoning.encrypted_content is always there; log probabilities are refused"},
    FieldRule{"input", Fate::translated, "system and messages"},
    FieldRule{"instructions", Fate::translated, "the first system text"},
    FieldRule{"max_output_tokens", Fate::translated, "max_tokens"},
    FieldRule{"max_tool_calls", Fate::left_out, "counts calls of built-in tools, of which there are none"},
    FieldRule{"metadata", Fate::left_out, "repeated in the answer"},
    FieldRule{"model", Fate::translated, "by the configured routes"},
    FieldRule{"moderation", Fate::refused, "Claude has no such report: leave it out"},
    FieldRule{"parallel_tool_calls", Fate::translated, "tool_choice.disable_parallel_tool_use"},
    FieldRule{"previous_response_id", Fate::refused,
              "nothing is stored: send the whole conversation as input"},
    FieldRule{"prompt", Fate::refused, "names a prompt stored at OpenAI: send its text"},
    FieldRule{"prompt_cache_key", Fate::translated, "cache_control of the whole request"},
    FieldRule{"prompt_cache_options", Fate::translated,
              "cache_control: mode implicit for the whole, any ttl as 1h"},
    FieldRule{"prompt_cache_retention", Fate::left_out, "an upper limit that Claude's caches keep"},
    FieldRule{"reasoning", Fate::translated,
              "effort as output_config.effort; summary and context are left out"},
    FieldRule{"safety_identifier", Fate::translated, "metadata.user_id, unless user is there"},
    FieldRule{"service_tier", Fate::translated,
              "auto, priority, fast, scale: auto; default, flex: standard_only"},
    FieldRule{"store", Fate::refused, "nothing is stored: send false, or leave it out"},
    FieldRule{"stream", Fate::translated, "stream"},
    FieldRule{"stream_options", Fate::left_out, "obfuscation is not added"},
    FieldRule{"temperature", Fate::translated, "up to 1; left out where the model takes none"},
    FieldRule{"text", Fate::translated,
              "format as output_config.format; json_object is refused, verbosity left out"},
    FieldRule{"thinking", Fate::translated, "as it is: Claude's own field"},
    FieldRule{"tool_choice", Fate::translated, "tool_choice; allowed_tools: the others are not offered"},
    FieldRule{"tools", Fate::translated, "tools, of type function; built-in tools are refused"},
    FieldRule{"top_logprobs", Fate::refused, "Claude does not tell them: leave it out"},
    FieldRule{"top_p", Fate::translated, "left out where the model takes none"},
    FieldRule{"truncation", Fate::left_out, "an input that is too long is an error of Claude's"},
    FieldRule{"user", Fate::translated, "metadata.user_id"},
};
static_assert(std::ranges::is_sorted(kFields, {}, &FieldRule::name));

// What an answer repeats from its request, in the recorded order.
constexpr std::array<std::string_view, 16> kEchoed = {"instructions",
                                                      "max_output_tokens",
                                                      "max_tool_calls",
                                                      "parallel_tool_calls",
                                                      "prompt_cache_key",
                                                      "reasoning",
                                                      "safety_identifier",
                                                      "temperature",
                                                      "text",
                                                      "tool_choice",
                                                      "tools",
                                                      "top_p",
                                                      "truncation",
                                                      "user",
                                                      "metadata",
                                                      "prompt_cache_options"};

std::string echo_of(const json::object& body) {
  std::string echo = "{";
  for (const std::string_view name : kEchoed) {
    const json::value* value = body.if_contains(name);
    if (is_absent(value)) continue;
    if (echo.size() > 1) echo += ',';
    append_quoted(echo, name);
    (echo += ':') += json::serialize(*value);
  }
  return echo + '}';
}

Result<> read_tools(const json::value& value, MessagesRequest& request) {
  const auto* tools = value.if_array();
  if (tools == nullptr) return refuse("tools", "must be a list", "send it as the API reference describes it");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const std::string at = at_index("tools", i);
    auto object = object_at((*tools)[i], at);
    if (!object) return fail(object);
    const std::string_view type = string_member((*tools)[i], "type");
    if (type != "function") {
      return refuse(at + ".type", "is \"" + std::string(type) + "\", a tool that runs at OpenAI",
                    "send functions only");
    }
    json::object function = **object;
    if (!is_absent(function.if_contains("output_schema"))) request.leave_out("tools[].output_schema");
    for (const std::string_view name : {"defer_loading", "async", "output_schema"}) {
      const json::value* given = function.if_contains(name);
      if (given != nullptr && (name == "output_schema" || asks_nothing(*given))) function.erase(name);
    }
    auto known = check_members(function, {"type", "name", "description", "parameters", "strict"}, at);
    if (!known) return known;
    auto added = request.add_tool(at, function);
    if (!added) return added;
  }
  return {};
}

Result<> read_tool_choice(const json::value& value, MessagesRequest& request) {
  if (const auto* mode = value.if_string()) return request.choose("tool_choice", *mode);
  const std::string_view type = string_member(value, "type");
  if (type == "function") return request.choose_tool("tool_choice", string_member(value, "name"));
  const json::value* tools = find_member(value, "tools");
  if (type != "allowed_tools" || tools == nullptr || !tools->is_array()) {
    return refuse("tool_choice", "must be auto, none, required, a function or allowed_tools",
                  "leave it out for auto");
  }
  std::vector<std::string> names;
  for (const json::value& tool : tools->get_array()) names.emplace_back(string_member(tool, "name"));
  return request.allow_only("tool_choice", string_member(value, "mode"), std::move(names));
}

Result<> read_text(const json::value& value, MessagesRequest& request) {
  auto object = object_at(value, "text");
  if (!object) return fail(object);
  auto known = check_members(**object, {"format", "verbosity"}, "text");
  if (!known) return known;
  if (!is_absent((*object)->if_contains("verbosity"))) request.leave_out("text.verbosity");
  const json::value* format = (*object)->if_contains("format");
  const std::string_view type = is_absent(format) ? "text" : string_member(*format, "type");
  if (type == "text") return {};
  if (type == "json_object") {
    return refuse("text.format", "is json_object, which Claude cannot promise",
                  "send json_schema with a schema");
  }
  if (type != "json_schema")
    return refuse("text.format", "must be of type text or json_schema", "leave it out for text");
  return request.read_schema("text.format", format->get_object());
}

Result<> read_reasoning(const json::value& value, MessagesRequest& request) {
  auto object = object_at(value, "reasoning");
  if (!object) return fail(object);
  const json::object& reasoning = **object;
  auto known =
      check_members(reasoning, {"effort", "summary", "generate_summary", "context", "mode"}, "reasoning");
  if (!known) return known;
  for (const std::string_view name : {"summary", "generate_summary", "context"}) {
    if (!is_absent(reasoning.if_contains(name))) request.leave_out("reasoning." + std::string(name));
  }
  const json::value* mode = reasoning.if_contains("mode");
  if (!is_absent(mode) && *mode != json::value("standard")) {
    return refuse("reasoning.mode", "must be standard", "leave it out");
  }
  const json::value* effort = reasoning.if_contains("effort");
  return is_absent(effort) ? Result<>() : request.read_effort("reasoning.effort", *effort);
}

Result<> read_include(const json::value& value, MessagesRequest& request) {
  const auto* list = value.if_array();
  if (list == nullptr) return refuse("include", "must be a list", "leave it out");
  for (std::size_t i = 0; i < list->size(); ++i) {
    if ((*list)[i] == json::value("message.output_text.logprobs")) {
      return refuse(at_index("include", i), "asks for log probabilities, which Claude does not tell",
                    "leave it out");
    }
    if ((*list)[i] != json::value("reasoning.encrypted_content")) request.leave_out("include");
  }
  return {};
}

Result<> read_field(std::string_view name, const json::value& value, MessagesRequest& request) {
  if (name == "max_output_tokens") return request.read_max_tokens(name, value);
  if (name == "temperature" || name == "top_p") return request.read_sampling(name, value);
  if (name == "stream") return request.read_stream(name, value);
  if (name == "tools") return read_tools(value, request);
  if (name == "tool_choice") return read_tool_choice(value, request);
  if (name == "parallel_tool_calls") return request.read_parallel(name, value);
  if (name == "text") return read_text(value, request);
  if (name == "reasoning") return read_reasoning(value, request);
  if (name == "include") return read_include(value, request);
  if (name == "user" || name == "safety_identifier") return request.read_user(name, value);
  if (name == "service_tier") return request.read_service_tier(name, value);
  if (name == "thinking") return request.read_thinking(name, value);
  return {};  // model, instructions, input and the cache's fields, which are read elsewhere
}

}  // namespace

std::span<const FieldRule> responses_request_fields() {
  return kFields;
}

Result<TranslatedRequest> responses_to_messages(std::string_view body, const RequestOptions& options) {
  auto parsed = parse_json(body);
  if (!parsed) return fail(parsed);
  const auto* object = parsed->if_object();
  if (object == nullptr) {
    return fail(Code::invalid_request, "the body must be a JSON object", "send model and input");
  }
  MessagesRequest request(options);
  if (string_member(*parsed, "model").empty()) return refuse("model", "is missing", "name a model");
  auto ruled = apply_rules(*object, kFields, request);
  if (!ruled) return fail(ruled);
  const json::value* input = object->if_contains("input");
  if (is_absent(input)) return refuse("input", "is missing", "send at least one message");
  auto cached = request.plan_cache(*object, input);
  if (!cached) return fail(cached);
  const json::value* instructions = object->if_contains("instructions");
  if (!is_absent(instructions)) {
    const auto* text = instructions->if_string();
    if (text == nullptr) return refuse("instructions", "must be a text", "send lists as input");
    if (!text->empty()) request.conversation.system(text_block(*text) + '}');
  }
  auto read = read_responses_input(*input, request);
  if (!read) return fail(read);
  for (const FieldRule& rule : kFields) {
    const json::value* value = object->if_contains(rule.name);
    if (is_absent(value) || rule.fate != Fate::translated) continue;
    auto taken = read_field(rule.name, *value, request);
    if (!taken) return fail(taken);
  }
  auto translated = request.finish("input");
  if (translated) translated->echo = echo_of(*object);
  return translated;
}

}  // namespace weir::model

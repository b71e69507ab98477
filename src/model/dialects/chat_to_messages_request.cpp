#include "model/dialects/chat_to_messages_request.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/dialects/inbound_chat_messages.h"
#include "model/dialects/inbound_request.h"

namespace weir::model {
namespace {

using namespace inbound;

// openai 3.54, types/chat/completion_create_params.py; thinking is of Claude's own compatible endpoint.
constexpr std::array kFields = {
    FieldRule{"audio", Fate::refused, "Claude does not speak: leave it out"},
    FieldRule{"frequency_penalty", Fate::left_out, "Claude has no such setting"},
    FieldRule{"function_call", Fate::refused, "send tool_choice instead"},
    FieldRule{"functions", Fate::refused, "send tools instead"},
    FieldRule{"logit_bias", Fate::refused, "Claude has no such setting: leave it out"},
    FieldRule{"logprobs", Fate::refused, "Claude does not tell them: leave it out"},
    FieldRule{"max_completion_tokens", Fate::translated, "max_tokens"},
    FieldRule{"max_tokens", Fate::translated, "max_tokens, unless max_completion_tokens is there"},
    FieldRule{"messages", Fate::translated, "system and messages"},
    FieldRule{"metadata", Fate::left_out, "labels of a stored completion; nothing is stored"},
    FieldRule{"modalities", Fate::translated, "[\"text\"] only"},
    FieldRule{"model", Fate::translated, "by the configured routes"},
    FieldRule{"moderation", Fate::refused, "Claude has no such report: leave it out"},
    FieldRule{"n", Fate::translated, "1 only: Claude gives one answer; ask again for another"},
    FieldRule{"parallel_tool_calls", Fate::translated, "tool_choice.disable_parallel_tool_use"},
    FieldRule{"prediction", Fate::left_out, "makes an answer faster, not different"},
    FieldRule{"presence_penalty", Fate::left_out, "Claude has no such setting"},
    FieldRule{"prompt_cache_key", Fate::translated, "cache_control of the whole request"},
    FieldRule{"prompt_cache_options", Fate::translated,
              "cache_control: mode implicit for the whole, any ttl as 1h"},
    FieldRule{"prompt_cache_retention", Fate::left_out, "an upper limit that Claude's caches keep"},
    FieldRule{"reasoning_effort", Fate::translated,
              "output_config.effort; none: thinking disabled, where the model can"},
    FieldRule{"response_format", Fate::translated, "output_config.format; json_object is refused"},
    FieldRule{"safety_identifier", Fate::translated, "metadata.user_id, unless user is there"},
    FieldRule{"seed", Fate::left_out, "Claude has no such setting; OpenAI promises nothing either"},
    FieldRule{"service_tier", Fate::translated,
              "auto, priority, fast, scale: auto; default, flex: standard_only"},
    FieldRule{"stop", Fate::translated, "stop_sequences"},
    FieldRule{"store", Fate::left_out, "nothing is stored"},
    FieldRule{"stream", Fate::translated, "stream"},
    FieldRule{"stream_options", Fate::translated, "include_usage; obfuscation is not added"},
    FieldRule{"temperature", Fate::translated, "up to 1; left out where the model takes none"},
    FieldRule{"thinking", Fate::translated, "as it is: Claude's own field"},
    FieldRule{"tool_choice", Fate::translated, "tool_choice; allowed_tools: the others are not offered"},
    FieldRule{"tools", Fate::translated, "tools, of type function"},
    FieldRule{"top_logprobs", Fate::refused, "Claude does not tell them: leave it out"},
    FieldRule{"top_p", Fate::translated, "left out where the model takes none"},
    FieldRule{"user", Fate::translated, "metadata.user_id"},
    FieldRule{"verbosity", Fate::left_out, "Claude has no such setting: say it in the prompt"},
    FieldRule{"web_search_options", Fate::refused, "Weir does not translate built-in tools: leave it out"},
};
static_assert(std::ranges::is_sorted(kFields, {}, &FieldRule::name));

Result<> read_tools(const json::value& value, MessagesRequest& request) {
  const auto* tools = value.if_array();
  if (tools == nullptr) return refuse("tools", "must be a list", "send it as the API reference describes it");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const std::string at = at_index("tools", i);
    const json::value* function = find_member((*tools)[i], "function");
    if (string_member((*tools)[i], "type") != "function" || function == nullptr || !function->is_object()) {
      return refuse(at + ".type", "is no function", "Claude's tools are functions");
    }
    auto known = check_members((*tools)[i].get_object(), {"type", "function"}, at);
    if (known)
      known = check_members(function->get_object(), {"name", "description", "parameters", "strict"},
                            at + ".function");
    if (!known) return known;
    auto added = request.add_tool(at + ".function", function->get_object());
    if (!added) return added;
  }
  return {};
}

Result<> read_tool_choice(const json::value& value, MessagesRequest& request) {
  if (const auto* mode = value.if_string()) return request.choose("tool_choice", *mode);
  const std::string_view type = string_member(value, "type");
  if (type == "function") {
    const json::value* function = find_member(value, "function");
    return request.choose_tool("tool_choice", function == nullptr ? "" : string_member(*function, "name"));
  }
  const json::value* allowed = find_member(value, "allowed_tools");
  const json::value* tools = allowed == nullptr ? nullptr : find_member(*allowed, "tools");
  if (type != "allowed_tools" || tools == nullptr || !tools->is_array()) {
    return refuse("tool_choice", "must be auto, none, required, a function or allowed_tools",
                  "leave it out for auto");
  }
  std::vector<std::string> names;
  for (const json::value& tool : tools->get_array()) {
    const json::value* function = find_member(tool, "function");
    names.emplace_back(function == nullptr ? "" : string_member(*function, "name"));
  }
  return request.allow_only("tool_choice", string_member(*allowed, "mode"), std::move(names));
}

Result<> read_response_format(const json::value& value, MessagesRequest& request) {
  const std::string_view type = string_member(value, "type");
  if (type == "text") return {};
  const json::value* schema = find_member(value, "json_schema");
  if (type == "json_object") {
    return refuse("response_format", "is json_object, which Claude cannot promise",
                  "send json_schema with a schema");
  }
  if (type != "json_schema" || schema == nullptr || !schema->is_object()) {
    return refuse("response_format", "must be of type text or json_schema", "leave it out for text");
  }
  return request.read_schema("response_format.json_schema", schema->get_object());
}

Result<> read_only_one(const json::value& n) {
  if (n.is_int64() && n.get_int64() == 1) return {};
  return refuse("n", "must be 1: Claude gives one answer", "ask again for another");
}

Result<> read_modalities(const json::value& value) {
  if (value == json::value{"text"}) return {};
  return refuse("modalities", "must be [\"text\"]", "leave it out");
}

Result<> read_stream_options(const json::value& value, bool& include_usage) {
  auto object = object_at(value, "stream_options");
  if (!object) return fail(object);
  auto known = check_members(**object, {"include_usage", "include_obfuscation"}, "stream_options");
  if (!known) return known;
  const json::value* asked = (*object)->if_contains("include_usage");
  include_usage = asked != nullptr && asked->is_bool() && asked->get_bool();
  return {};
}

Result<> read_field(std::string_view name, const json::value& value, MessagesRequest& request,
                    bool& include_usage) {
  if (name == "max_tokens" || name == "max_completion_tokens") return request.read_max_tokens(name, value);
  if (name == "temperature" || name == "top_p") return request.read_sampling(name, value);
  if (name == "stop") return request.read_stop(name, value);
  if (name == "stream") return request.read_stream(name, value);
  if (name == "stream_options") return read_stream_options(value, include_usage);
  if (name == "tools") return read_tools(value, request);
  if (name == "tool_choice") return read_tool_choice(value, request);
  if (name == "parallel_tool_calls") return request.read_parallel(name, value);
  if (name == "response_format") return read_response_format(value, request);
  if (name == "reasoning_effort") return request.read_effort(name, value);
  if (name == "user" || name == "safety_identifier") return request.read_user(name, value);
  if (name == "service_tier") return request.read_service_tier(name, value);
  if (name == "thinking") return request.read_thinking(name, value);
  if (name == "n") return read_only_one(value);
  if (name == "modalities") return read_modalities(value);
  return {};  // model, messages and the cache's fields, which are read elsewhere
}

}  // namespace

std::span<const FieldRule> chat_request_fields() {
  return kFields;
}

Result<TranslatedRequest> chat_to_messages(std::string_view body, const RequestOptions& options) {
  auto parsed = parse_json(body);
  if (!parsed) return fail(parsed);
  const auto* object = parsed->if_object();
  if (object == nullptr) {
    return fail(Code::invalid_request, "the body must be a JSON object", "send model and messages");
  }
  MessagesRequest request(options);
  const json::value* messages = object->if_contains("messages");
  if (messages == nullptr || !messages->is_array()) {
    return refuse("messages", "must be a list", "send at least one message");
  }
  if (string_member(*parsed, "model").empty()) return refuse("model", "is missing", "name a model");
  auto ruled = apply_rules(*object, kFields, request);
  if (!ruled) return fail(ruled);
  auto cached = request.plan_cache(*object, messages);
  if (!cached) return fail(cached);
  auto read = read_chat_messages(messages->get_array(), request);
  if (!read) return fail(read);
  bool include_usage = false;
  for (const FieldRule& rule : kFields) {  // in the table's order: max_completion_tokens before max_tokens…
    const json::value* value = object->if_contains(rule.name);
    if (is_absent(value) || rule.fate != Fate::translated) continue;
    auto taken = read_field(rule.name, *value, request, include_usage);
    if (!taken) return fail(taken);
  }
  auto translated = request.finish("messages");
  if (translated) translated->include_usage = include_usage;
  return translated;
}

}  // namespace weir::model

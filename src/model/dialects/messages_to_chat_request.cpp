#include "model/dialects/messages_to_chat_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "model/dialects/messages_to_chat_content.h"

namespace weir::model {
namespace {

constexpr std::size_t kStopsMax = 4;       // completion_create_params.py: `stop`
constexpr std::size_t kUserBytesMax = 64;  // OpenAI refuses a longer `user`

// Fields that have a function below.
constexpr std::array<std::string_view, 14> kTranslated{
    "model",        "messages",          "system",      "max_tokens",
    "stream",       "stop_sequences",    "temperature", "top_p",
    "tools",        "tool_choice",       "metadata",    "output_config",
    "service_tier", "context_management"};
// Fields that change nothing a caller could see in the answer. OpenAI caches prompts by itself.
constexpr std::array<std::string_view, 8> kLeftOut{
    "cache_control", "thinking", "top_k", "diagnostics", "speed", "betas", "user_profile_id", "workspace_id"};

const json::value* present(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool names_direct(const json::value& caller) {
  return caller == "direct";
}

class Translation {
 public:
  Translation(const json::object& body, const RequestOptions& options) : body_(body), options_(options) {}

  Result<TranslatedRequest> run();

 private:
  using Step = Result<> (Translation::*)();

  Result<> check_names();
  Result<> messages();
  Result<> limits();
  Result<> sampling();
  Result<> tools();
  Result<> tool_choice();
  Result<> output_config();
  Result<> attribution();
  Result<> context_management();
  Result<> stream();
  Result<json::value> tool(const json::value& tool, const std::string& where);

  const json::object& body_;
  const RequestOptions& options_;
  LeftOut left_out_;
  json::object out_;
  bool stream_ = false;
};

Result<TranslatedRequest> Translation::run() {
  out_["model"] = options_.model;
  for (const Step step :
       {&Translation::check_names, &Translation::messages, &Translation::limits, &Translation::sampling,
        &Translation::tools, &Translation::tool_choice, &Translation::output_config,
        &Translation::attribution, &Translation::context_management, &Translation::stream}) {
    auto done = (this->*step)();
    if (!done) return fail(done);
  }
  return TranslatedRequest{.body = to_json(out_), .stream = stream_, .left_out = left_out_.take()};
}

Result<> Translation::check_names() {
  for (const auto& [name, value] : body_) {
    if (value.is_null() || contains(kTranslated, name)) continue;
    if (contains(kLeftOut, name)) {
      left_out_.add(name);
      continue;
    }
    if (name == "inference_geo" && value == "global") continue;
    return refuse_field(std::string(name), std::string(name) + " cannot be sent to this model's provider",
                        "leave it out, or ask a Claude model");
  }
  return {};
}

Result<> Translation::messages() {
  ChatMessages messages(left_out_);
  if (const json::value* system = present(body_, "system")) {
    auto added = messages.add_system(*system, "system");
    if (!added) return added;
  }
  const json::value* turns = present(body_, "messages");
  if (turns == nullptr) return refuse_field("messages", "messages is missing", "send a user message");
  auto added = messages.add_turns(*turns);
  if (!added) return added;
  out_["messages"] = messages.take();
  return {};
}

Result<> Translation::limits() {
  if (const json::value* limit = present(body_, "max_tokens")) {
    if (!limit->is_int64() || limit->get_int64() < 1) {
      return refuse_field("max_tokens",
                          "max_tokens must be a whole number, 1 or more, for this model's provider",
                          "only Claude models fill a cache with max_tokens 0");
    }
    out_["max_completion_tokens"] = *limit;
  }
  if (const json::value* stops = present(body_, "stop_sequences")) {
    if (!stops->is_array() || stops->get_array().size() > kStopsMax) {
      return refuse_field(
          "stop_sequences",
          "this model's provider takes at most " + std::to_string(kStopsMax) + " stop sequences",
          "send fewer");
    }
    if (!stops->get_array().empty()) out_["stop"] = *stops;
  }
  return {};
}

Result<> Translation::sampling() {
  for (const std::string_view name : {"temperature", "top_p"}) {
    const json::value* value = present(body_, name);
    if (value == nullptr) continue;
    if (options_.sampling) {
      out_[name] = *value;
    } else {
      left_out_.add(name);
    }
  }
  return {};
}

Result<> Translation::tools() {
  const json::value* tools = present(body_, "tools");
  if (tools == nullptr) return {};
  if (!tools->is_array()) return refuse_field("tools", "tools must be a list", "send a list of tools");
  json::array functions;
  for (std::size_t i = 0; i < tools->get_array().size(); ++i) {
    auto function = tool(tools->get_array()[i], "tools[" + std::to_string(i) + "]");
    if (!function) return fail(function);
    functions.push_back(*std::move(function));
  }
  if (!functions.empty()) out_["tools"] = std::move(functions);
  return {};
}

Result<json::value> Translation::tool(const json::value& tool, const std::string& where) {
  const std::string_view type = string_member(tool, "type");
  if (!type.empty() && type != "custom") {
    return refuse_field(where + ".type",
                        "the tool \"" + std::string(type) + "\" exists only for Claude models",
                        "leave it out, or describe a tool of your own with input_schema");
  }
  const std::string_view name = string_member(tool, "name");
  if (name.empty()) return refuse_field(where + ".name", where + " has no name", "name the tool");
  const json::value* callers = find_member(tool, "allowed_callers");
  if (callers != nullptr && callers->is_array() && std::ranges::none_of(callers->get_array(), names_direct)) {
    return refuse_field(where + ".allowed_callers", "this model's provider calls tools only directly",
                        "allow the caller \"direct\"");
  }
  for (const std::string_view hint :
       {"cache_control", "defer_loading", "eager_input_streaming", "input_examples", "allowed_callers"}) {
    const json::value* value = find_member(tool, hint);
    if (value != nullptr && !value->is_null()) left_out_.add(hint);
  }
  json::object function{{"name", name}};
  if (const json::value* text = find_member(tool, "description"); text != nullptr && text->is_string())
    function["description"] = *text;
  const json::value* schema = find_member(tool, "input_schema");
  function["parameters"] =
      schema != nullptr && schema->is_object()
          ? *schema
          : json::value(json::object{{"type", "object"}, {"properties", json::object()}});
  if (const json::value* strict = find_member(tool, "strict"); strict != nullptr && strict->is_bool())
    function["strict"] = *strict;
  return json::object{{"type", "function"}, {"function", std::move(function)}};
}

// OpenAI refuses a choice where there are no tools.
Result<> Translation::tool_choice() {
  const json::value* choice = present(body_, "tool_choice");
  if (choice == nullptr || !out_.contains("tools")) return {};
  const std::string_view type = string_member(*choice, "type");
  const std::string_view name = string_member(*choice, "name");
  if (type == "auto" || type == "none") {
    out_["tool_choice"] = type;
  } else if (type == "any") {
    out_["tool_choice"] = "required";
  } else if (type == "tool" && !name.empty()) {
    out_["tool_choice"] = json::object{{"type", "function"}, {"function", json::object{{"name", name}}}};
  } else {
    return refuse_field("tool_choice", "tool_choice must be auto, any, none, or a tool with its name",
                        "leave it out for auto");
  }
  const json::value* single = find_member(*choice, "disable_parallel_tool_use");
  if (single != nullptr && single->is_bool() && single->get_bool()) out_["parallel_tool_calls"] = false;
  return {};
}

Result<> Translation::output_config() {
  const json::value* config = present(body_, "output_config");
  if (config == nullptr) return {};
  if (!config->is_object())
    return refuse_field("output_config", "output_config must be an object", "send effort or format");
  for (const auto& [name, value] : config->get_object()) {
    if (value.is_null()) continue;
    if (name == "effort" && value.is_string()) {
      out_["reasoning_effort"] = value;
    } else if (name == "format" && string_member(value, "type") == "json_schema" &&
               find_member(value, "schema") != nullptr) {
      json::object schema{{"name", "answer"}, {"schema", value.at("schema")}, {"strict", true}};
      out_["response_format"] = json::object{{"type", "json_schema"}, {"json_schema", std::move(schema)}};
    } else {
      const std::string field = "output_config." + std::string(name);
      return refuse_field(field, field + " cannot be sent to this model's provider",
                          "send effort, or a format of type json_schema");
    }
  }
  return {};
}

Result<> Translation::attribution() {
  if (const json::value* metadata = present(body_, "metadata")) {
    const std::string_view user = string_member(*metadata, "user_id");
    if (user.size() > kUserBytesMax) left_out_.add("metadata.user_id");
    if (!user.empty() && user.size() <= kUserBytesMax) out_["user"] = user;
  }
  if (const json::value* tier = present(body_, "service_tier")) {
    if (*tier != "auto" && *tier != "standard_only") {
      return refuse_field("service_tier", "service_tier must be auto or standard_only",
                          "leave it out for auto");
    }
    out_["service_tier"] = *tier == "auto" ? "auto" : "default";
  }
  return {};
}

// Thinking is removed in any case; every other edit would change what the model sees.
Result<> Translation::context_management() {
  const json::value* management = present(body_, "context_management");
  if (management == nullptr) return {};
  const json::value* edits = find_member(*management, "edits");
  if (edits != nullptr && edits->is_array()) {
    for (std::size_t i = 0; i < edits->get_array().size(); ++i) {
      const std::string_view type = string_member(edits->get_array()[i], "type");
      if (type.starts_with("clear_thinking_")) continue;
      return refuse_field("context_management.edits[" + std::to_string(i) + "]",
                          "the edit \"" + std::string(type) + "\" exists only for Claude models",
                          "leave it out, or ask a Claude model");
    }
  }
  left_out_.add("context_management");
  return {};
}

Result<> Translation::stream() {
  const json::value* stream = present(body_, "stream");
  if (stream == nullptr) return {};
  if (!stream->is_bool())
    return refuse_field("stream", "stream must be true or false", "leave it out for an answer in one piece");
  stream_ = stream->get_bool();
  if (!stream_) return {};
  out_["stream"] = true;
  out_["stream_options"] = json::object{{"include_usage", true}};
  return {};
}

}  // namespace

Result<TranslatedRequest> messages_to_chat(std::string_view body, const RequestOptions& options) {
  auto parsed = parse_json(body);
  if (!parsed) return fail(parsed);
  if (!parsed->is_object())
    return refuse_field("", "the body must be a JSON object", "send model, max_tokens and messages");
  return Translation(parsed->get_object(), options).run();
}

}  // namespace weir::model

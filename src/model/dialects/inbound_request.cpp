#include "model/dialects/inbound_request.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/dialects/inbound_json.h"

namespace weir::model::inbound {
namespace {

constexpr std::int64_t kMaxTokensMax = 1'000'000'000;  // beyond any model; keeps typing errors out

std::optional<double> number_of(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

// What Claude's structured outputs demand of every object. An answer to the closed schema is one to the
// open schema as well, so that nothing is lost.
void close_objects(json::value& schema) {
  if (auto* list = schema.if_array()) {
    for (json::value& element : *list) close_objects(element);
    return;
  }
  auto* object = schema.if_object();
  if (object == nullptr) return;
  if (string_member(schema, "type") == "object" && !object->contains("additionalProperties")) {
    (*object)["additionalProperties"] = false;
  }
  for (auto& [name, value] : *object) {
    if (name == "properties" || name == "$defs" || name == "definitions") {
      if (auto* members = value.if_object()) {
        for (auto& [member, member_schema] : *members) close_objects(member_schema);
      }
    } else if (name == "items" || name == "prefixItems" || name == "anyOf" || name == "allOf" ||
               name == "oneOf") {
      close_objects(value);
    }
  }
}

void append_text_member(std::string& out, std::string_view name, std::string_view text) {
  (out += ',') += quoted(name);
  out += ':';
  append_quoted(out, text);
}

void append_member(std::string& out, std::string_view name, std::string_view json) {
  if (json.empty()) return;
  (out += ',') += quoted(name);
  (out += ':') += json;
}

}  // namespace

bool is_absent(const json::value* value) {
  return value == nullptr || value->is_null();
}

bool asks_nothing(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return true;
    case json::kind::bool_: return !value.get_bool();
    case json::kind::int64: return value.get_int64() == 0;
    case json::kind::uint64: return value.get_uint64() == 0;
    case json::kind::double_: return value.get_double() == 0;
    case json::kind::string: return value.get_string().empty();
    case json::kind::array: return value.get_array().empty();
    case json::kind::object: return value.get_object().empty();
  }
  return false;
}

Result<> check_members(const json::object& object, std::initializer_list<std::string_view> known,
                       std::string_view at) {
  for (const auto& [name, value] : object) {
    if (value.is_null() || std::ranges::find(known, std::string_view(name)) != known.end()) continue;
    std::string field(at);
    (field += '.') += name;
    return refuse(field, "is not translated for Claude", "leave it out");
  }
  return {};
}

Result<std::string_view> text_member(const json::object& object, std::string_view name, std::string_view at) {
  const json::value* value = object.if_contains(name);
  if (is_absent(value)) return std::string_view();
  if (!value->is_string()) {
    return refuse(std::string(at) + "." + std::string(name), "must be a string", "send it as text");
  }
  return std::string_view(value->get_string());
}

Result<const json::object*> object_at(const json::value& value, std::string_view at) {
  if (const auto* object = value.if_object()) return object;
  return refuse(std::string(at), "must be an object", "send it as the API reference describes it");
}

std::string at_index(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

Result<> MessagesRequest::read_max_tokens(std::string_view field, const json::value& value) {
  const auto* count = value.if_int64();
  if (count == nullptr || *count < 1 || *count > kMaxTokensMax) {
    return refuse(std::string(field), "must be a whole number, 1 or more", "send for example 1024");
  }
  if (!max_tokens_) max_tokens_ = *count;  // the first one read wins
  return {};
}

Result<> MessagesRequest::read_sampling(std::string_view field, const json::value& value) {
  const bool is_temperature = field == "temperature";
  const double most = is_temperature ? 2 : 1;
  const auto number = number_of(value);
  if (!number || !(*number >= 0 && *number <= most)) {
    return refuse(std::string(field),
                  is_temperature ? "must be a number from 0 to 2" : "must be a number from 0 to 1",
                  "leave it out for the model's own");
  }
  if (!options_.sampling) {
    leave_out(field);
  } else {  // Claude's temperature ends at 1
    (is_temperature ? temperature_ : top_p_) = json::serialize(*number > 1 ? json::value(1) : value);
  }
  return {};
}

Result<> MessagesRequest::read_stop(std::string_view field, const json::value& value) {
  const json::array list = value.is_array() ? value.get_array() : json::array{value};
  for (const json::value& stop : list) {
    const auto* text = stop.if_string();
    if (text != nullptr && std::string_view(*text).find_first_not_of(" \t\r\n") != std::string_view::npos)
      continue;
    return refuse(std::string(field), "must be texts with more than white space in them",
                  "Claude stops at words and signs only");
  }
  if (!list.empty()) stop_ = json::serialize(list);
  return {};
}

Result<> MessagesRequest::read_effort(std::string_view field, const json::value& value) {
  const auto* text = value.if_string();
  const std::string_view effort = text == nullptr ? std::string_view() : std::string_view(*text);
  if (effort == "none" && options_.thinking_optional) {
    if (thinking_.empty()) thinking_ = R"({"type":"disabled"})";
  } else if (effort == "none" || effort == "minimal") {
    effort_ = R"("low")";
  } else if (effort == "low" || effort == "medium" || effort == "high" || effort == "xhigh" ||
             effort == "max") {
    effort_ = quoted(effort);
  } else {
    return refuse(std::string(field), "must be none, minimal, low, medium, high, xhigh or max",
                  "leave it out for the model's own");
  }
  return {};
}

Result<> MessagesRequest::read_schema(std::string_view field, const json::object& format) {
  auto known = check_members(format, {"type", "name", "schema", "description", "strict"}, field);
  if (!known) return known;
  auto description = text_member(format, "description", field);
  if (!description) return fail(description);
  const json::value* given = format.if_contains("schema");
  if (given == nullptr || !given->is_object()) {
    return refuse(std::string(field) + ".schema", "must be an object", "send the JSON schema of the answer");
  }
  json::value schema = *given;
  close_objects(schema);
  if (!description->empty() && !schema.get_object().contains("description")) {
    schema.get_object()["description"] = *description;
  }
  format_ = R"({"type":"json_schema","schema":)" + json::serialize(schema) + '}';
  return {};
}

Result<> MessagesRequest::read_user(std::string_view field, const json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return refuse(std::string(field), "must be a string", "send an opaque id of the user");
  if (text->empty()) return {};
  if (!user_id_.empty() && std::string_view(*text) != user_id_) leave_out("safety_identifier");
  if (user_id_.empty() || field == "user") user_id_ = *text;
  return {};
}

Result<> MessagesRequest::read_service_tier(std::string_view field, const json::value& value) {
  const auto* text = value.if_string();
  const std::string_view tier = text == nullptr ? std::string_view() : std::string_view(*text);
  if (tier == "auto" || tier == "priority" || tier == "fast" || tier == "scale") {
    service_tier_ = "auto";  // takes the priority capacity that the organization has bought
  } else if (tier == "default" || tier == "flex") {
    service_tier_ = "standard_only";
  } else {
    return refuse(std::string(field), "must be auto, default, flex, scale, priority or fast",
                  "leave it out for auto");
  }
  return {};
}

Result<> MessagesRequest::read_stream(std::string_view field, const json::value& value) {
  if (!value.is_bool())
    return refuse(std::string(field), "must be true or false", "leave it out for a whole answer");
  stream_ = value.get_bool();
  return {};
}

Result<> MessagesRequest::read_thinking(std::string_view field, const json::value& value) {
  if (!value.is_object())
    return refuse(std::string(field), "must be an object", "send for example {\"type\":\"adaptive\"}");
  thinking_ = json::serialize(value);
  return {};
}

Result<> MessagesRequest::plan_cache(const json::object& body, const json::value* messages) {
  const json::value* options = body.if_contains("prompt_cache_options");
  if (!is_absent(options)) {
    constexpr std::string_view field = "prompt_cache_options";
    auto object = object_at(*options, field);
    if (!object) return fail(object);
    auto known = check_members(**object, {"mode", "ttl"}, field);
    if (!known) return known;
    const std::string_view mode = string_member(*options, "mode");
    if (!mode.empty() && mode != "implicit" && mode != "explicit") {
      return refuse(std::string(field) + ".mode", "must be implicit or explicit",
                    "leave it out for implicit");
    }
    cache_whole_ = mode != "explicit";
    cache_one_hour_ = !string_member(*options, "ttl").empty();
  } else {
    cache_whole_ = !is_absent(body.if_contains("prompt_cache_key"));
  }
  std::size_t breakpoints = 0;
  const auto* list = messages == nullptr ? nullptr : messages->if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json::value* content = find_member((*list)[i], "content");
    const auto* parts = content == nullptr ? nullptr : content->if_array();
    for (std::size_t k = 0; parts != nullptr && k < parts->size(); ++k) {
      const json::value* breakpoint = find_member((*parts)[k], "prompt_cache_breakpoint");
      if (is_absent(breakpoint)) continue;
      ++breakpoints;
      // Claude wants longer-lived breakpoints first; one lifetime for all keeps any order legal.
      cache_one_hour_ = cache_one_hour_ || !string_member(*breakpoint, "ttl").empty();
    }
  }
  const std::size_t most = cache_whole_ ? 3 : 4;  // Claude's limit is 4
  breakpoints_skipped_ = breakpoints - std::min(breakpoints, most);
  return {};
}

// OpenAI's shortest named lifetime is 30 minutes, which only Claude's hour covers.
std::string_view MessagesRequest::cache_control() const {
  return cache_one_hour_ ? R"({"type":"ephemeral","ttl":"1h"})" : R"({"type":"ephemeral"})";
}

void MessagesRequest::close_block(std::string& block, const json::object& part) {
  if (!is_absent(part.if_contains("prompt_cache_breakpoint"))) {
    if (breakpoints_skipped_ > 0) {
      --breakpoints_skipped_;
    } else {
      append_member(block, "cache_control", cache_control());
    }
  }
  block += '}';
}

void MessagesRequest::leave_out(std::string_view name) {
  if (std::ranges::find(left_out_, name) == left_out_.end()) left_out_.emplace_back(name);
}

Result<TranslatedRequest> MessagesRequest::finish(std::string_view messages_field) {
  TranslatedRequest request;
  std::string& out = request.body;
  out = R"({"model":)" + quoted(options_.model) + R"(,"max_tokens":)";
  append_number(out, max_tokens_.value_or(options_.max_tokens));
  if (stream_) out += R"(,"stream":true)";
  out += ',';
  auto said = conversation.append_to(out, messages_field);
  if (!said) return fail(said);
  auto tooled = append_tools(out);
  if (!tooled) return fail(tooled);
  append_member(out, "thinking", thinking_);
  std::string output;
  if (!effort_.empty()) output += R"("effort":)" + effort_;
  if (!format_.empty()) output += (output.empty() ? R"("format":)" : R"(,"format":)") + format_;
  if (!output.empty()) append_member(out, "output_config", '{' + output + '}');
  append_member(out, "stop_sequences", stop_);
  append_member(out, "temperature", temperature_);
  append_member(out, "top_p", top_p_);
  if (!user_id_.empty()) append_member(out, "metadata", R"({"user_id":)" + quoted(user_id_) + '}');
  if (!service_tier_.empty()) append_text_member(out, "service_tier", service_tier_);
  if (cache_whole_) append_member(out, "cache_control", cache_control());
  out += '}';
  request.stream = stream_;
  request.left_out = std::move(left_out_);
  return request;
}

Result<> apply_rules(const json::object& body, std::span<const FieldRule> rules, MessagesRequest& request) {
  for (const auto& [name, value] : body) {
    if (value.is_null()) continue;
    const auto rule = std::ranges::find(rules, std::string_view(name), &FieldRule::name);
    if (rule == rules.end()) {
      return refuse(std::string(name), "is no field of this API that Weir knows", "leave it out");
    }
    if (rule->fate == Fate::left_out) request.leave_out(name);
    // An empty object of these two asks for the defaults.
    const bool empty_asks = name == "web_search_options" || name == "prompt";
    if (rule->fate == Fate::refused && (empty_asks || !asks_nothing(value))) {
      return refuse(std::string(name), "cannot be translated for Claude", std::string(rule->note));
    }
  }
  return {};
}

}  // namespace weir::model::inbound

// The part of inbound_request.h that is about tools.
#include <algorithm>
#include <utility>

#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_request.h"

namespace weir::model::inbound {
namespace {

// Claude wants an object's schema to say so.
std::string schema_json(const json::object& parameters) {
  if (parameters.contains("type")) return json::serialize(parameters);
  std::string out = json::serialize(parameters);
  out.insert(1, parameters.empty() ? R"("type":"object","properties":{})" : R"("type":"object",)");
  return out;
}

}  // namespace

Result<> MessagesRequest::add_tool(std::string_view field, const json::object& function) {
  auto name = text_member(function, "name", field);
  auto description = text_member(function, "description", field);
  if (!name) return fail(name);
  if (!description) return fail(description);
  if (name->empty()) return refuse(std::string(field) + ".name", "is missing", "name the function");
  Tool tool{std::string(*name), R"({"name":)" + quoted(*name)};
  if (!description->empty()) tool.json += R"(,"description":)" + quoted(*description);
  const json::value* parameters = function.if_contains("parameters");
  if (!is_absent(parameters) && !parameters->is_object()) {
    return refuse(std::string(field) + ".parameters", "must be an object",
                  "send the JSON schema of the arguments");
  }
  tool.json += R"(,"input_schema":)";
  tool.json +=
      is_absent(parameters) ? R"({"type":"object","properties":{}})" : schema_json(parameters->get_object());
  const json::value* strict = function.if_contains("strict");
  if (!is_absent(strict) && !strict->is_bool()) {
    return refuse(std::string(field) + ".strict", "must be true or false", "leave it out");
  }
  if (!is_absent(strict) && strict->get_bool()) tool.json += R"(,"strict":true)";
  tool.json += '}';
  tools_.push_back(std::move(tool));
  return {};
}

Result<> MessagesRequest::read_parallel(std::string_view field, const json::value& value) {
  if (!value.is_bool()) return refuse(std::string(field), "must be true or false", "leave it out for true");
  parallel_ = value.get_bool();
  return {};
}

Result<> MessagesRequest::choose(std::string_view field, std::string_view mode) {
  if (mode != "auto" && mode != "none" && mode != "required") {
    return refuse(std::string(field), "must be auto, none, required or a function", "leave it out for auto");
  }
  choice_field_ = field;
  choice_ = mode == "required" ? "any" : mode;
  return {};
}

Result<> MessagesRequest::choose_tool(std::string_view field, std::string_view name) {
  if (name.empty())
    return refuse(std::string(field), "names no function", "send the name of one of the tools");
  choice_field_ = field;
  choice_ = "tool";
  choice_name_ = name;
  return {};
}

Result<> MessagesRequest::allow_only(std::string_view field, std::string_view mode,
                                     std::vector<std::string> names) {
  allowed_ = std::move(names);
  return choose(field, mode);
}

Result<> MessagesRequest::append_tools(std::string& out) {
  if (allowed_) {  // Claude has no such list: the others are not offered
    std::erase_if(
        tools_, [&](const Tool& tool) { return std::ranges::find(*allowed_, tool.name) == allowed_->end(); });
  }
  const bool forced = choice_ == "any" || choice_ == "tool";
  const bool named =
      choice_ != "tool" || std::ranges::find(tools_, choice_name_, &Tool::name) != tools_.end();
  if (forced && (tools_.empty() || !named)) {
    return refuse(choice_field_, "asks for a function that is not among the tools", "send it in tools");
  }
  if (tools_.empty()) return {};
  out += R"(,"tools":[)";
  for (const Tool& tool : tools_) {
    if (&tool != &tools_.front()) out += ',';
    out += tool.json;
  }
  out += ']';
  if (choice_.empty() && parallel_) return {};
  const std::string_view choice = choice_.empty() ? "auto" : std::string_view(choice_);
  out += R"(,"tool_choice":{"type":)" + quoted(choice);
  if (choice == "tool") out += R"(,"name":)" + quoted(choice_name_);
  if (!parallel_ && choice != "none") out += R"(,"disable_parallel_tool_use":true)";
  out += '}';
  return {};
}

}  // namespace weir::model::inbound

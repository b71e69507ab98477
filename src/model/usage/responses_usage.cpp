#include "model/usage/responses_usage.h"

#include "model/dialects/openai_usage.h"

namespace weir::model {
namespace {

EventKind responses_event_kind(std::string_view name) {
  if (name.ends_with(".delta")) return EventKind::delta;
  const bool tells = name.empty() || name == "response.created" || name == "response.completed" ||
                     name == "response.incomplete" || name == "response.failed" || name == "error";
  return tells ? EventKind::telling : EventKind::other;
}

void read_error(ondemand::value value, MessageReport& report) {
  std::string type;
  for_each_field(value.get_object(), [&](std::string_view name, ondemand::value member) {
    if (name == "type" || (name == "code" && type.empty())) read_string(member, type);
  });
  if (!type.empty()) report.error_type = std::move(type);
}

// A search costs a fee; opening or scanning a page that it found does not.
bool is_web_search(ondemand::value item) {
  std::string type;
  std::string action = "search";
  for_each_field(item.get_object(), [&](std::string_view name, ondemand::value value) {
    if (name == "type") read_string(value, type);
    if (name != "action") return;
    for_each_field(value.get_object(), [&](std::string_view member, ondemand::value inner) {
      if (member == "type") read_string(inner, action);
    });
  });
  return type == "web_search_call" && action == "search";
}

// Of a response, which is a body or stands in an event. False: no usage.
bool read_response(std::string_view name, ondemand::value value, MessageReport& report, data::Usage& tokens) {
  if (name == "model") {
    read_string(value, report.model);
  } else if (name == "service_tier") {
    std::string tier;
    read_string(value, tier);
    if (!tier.empty()) report.modifiers.tier = openai_tier(tier);
  } else if (name == "error") {
    read_error(value, report);
  } else if (name == "output") {
    std::int64_t searches = 0;
    for_each_element(value.get_array(),
                     [&](ondemand::value item) { searches += is_web_search(item) ? 1 : 0; });
    report.usage.web_search_requests = searches;
  } else if (name == "usage") {
    OpenAiUsage usage;
    const bool read = for_each_field(value.get_object(), [&](std::string_view count, ondemand::value member) {
      usage.take(count, member);
    });
    if (read) tokens = usage.disjoint();
    return read;
  }
  return false;
}

// The tokens replace those told before; searches stand elsewhere.
void set_tokens(MessageReport& report, data::Usage tokens) {
  tokens.web_search_requests = report.usage.web_search_requests;
  report.usage = tokens;
  report.has_usage = true;
}

}  // namespace

EventKindOf ResponsesUsage::event_kinds() const {
  return responses_event_kind;
}

void ResponsesUsage::read_event(std::string& data, StreamProgress& progress, MessageReport& report) {
  std::string type;
  std::string code;
  data::Usage tokens;
  bool has_usage = false;
  ondemand::parser parser;
  for_each_field(parser, data, [&](std::string_view name, ondemand::value value) {
    if (name == "type") read_string(value, type);
    if (name == "code") read_string(value, code);
    if (name == "error") read_error(value, report);
    if (name != "response") return;
    progress.begun = true;
    for_each_field(value.get_object(), [&](std::string_view member, ondemand::value inner) {
      has_usage |= read_response(member, inner, report, tokens);
    });
  });
  if (has_usage) set_tokens(report, tokens);
  if (type == "error" && report.error_type.empty()) report.error_type = code.empty() ? "error" : code;
  if (type == "response.failed" && report.error_type.empty()) report.error_type = "error";
  const bool last =
      type == "response.completed" || type == "response.incomplete" || type == "response.failed";
  progress.final = progress.final || (last && has_usage);
  progress.ended = progress.ended || last || !report.error_type.empty();
}

BodyRead ResponsesUsage::read_body(std::string& json, MessageReport& report) {
  data::Usage tokens;
  bool has_usage = false;
  ondemand::parser parser;
  const bool whole = for_each_field(parser, json, [&](std::string_view name, ondemand::value value) {
    has_usage |= read_response(name, value, report, tokens);
  });
  if (has_usage) set_tokens(report, tokens);
  return {.whole = whole, .final = has_usage || !report.error_type.empty()};
}

}  // namespace weir::model

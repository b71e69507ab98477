#include "model/usage/messages_usage.h"

#include <algorithm>

namespace weir::model {

void MessagesCounts::take(std::string_view name, ondemand::value value) {
  if (name == "input_tokens") {
    read_count(value, usage_.input_tokens);
  } else if (name == "output_tokens") {
    read_count(value, usage_.output_tokens);
  } else if (name == "cache_read_input_tokens") {
    read_count(value, usage_.cache_read_tokens);
  } else if (name == "cache_creation_input_tokens") {
    std::int64_t total = -1;
    read_count(value, total);
    if (total >= 0) cache_writes_ = total;
  } else if (name == "cache_creation") {
    for_each_field(value.get_object(), [&](std::string_view kind, ondemand::value count) {
      if (kind == "ephemeral_5m_input_tokens") read_count(count, usage_.cache_write_5m_tokens);
      if (kind == "ephemeral_1h_input_tokens") read_count(count, usage_.cache_write_1h_tokens);
    });
  } else if (name == "server_tool_use") {
    for_each_field(value.get_object(), [&](std::string_view tool, ondemand::value count) {
      if (tool == "web_search_requests") read_count(count, usage_.web_search_requests);
    });
  }
}

void MessagesCounts::end() {
  if (!cache_writes_) return;
  usage_.cache_write_1h_tokens = std::min(usage_.cache_write_1h_tokens, *cache_writes_);
  usage_.cache_write_5m_tokens = *cache_writes_ - usage_.cache_write_1h_tokens;
}

namespace {

void read_side_steps(ondemand::value value, std::vector<SideStep>& steps) {
  ondemand::array entries;
  if (value.get_array().get(entries) != simdjson::SUCCESS) return;
  steps.clear();
  for (auto entry : entries) {
    std::string type;
    SideStep step;
    MessagesCounts counts(step.usage);
    const bool read = for_each_field(entry.get_object(), [&](std::string_view name, ondemand::value member) {
      if (name == "type") {
        read_string(member, type);
      } else if (name == "model") {
        read_string(member, step.model);
      } else {
        counts.take(name, member);
      }
    });
    if (!read) return;
    counts.end();
    // Every other type is part of the usage around it.
    if (type == "advisor_message" || type == "compaction") steps.push_back(std::move(step));
  }
}

void read_usage(ondemand::value object, MessageReport& report) {
  MessagesCounts counts(report.usage);
  const bool read = for_each_field(object.get_object(), [&](std::string_view name, ondemand::value value) {
    read_messages_usage_member(name, value, counts, report);
  });
  counts.end();
  report.has_usage = report.has_usage || read;
}

EventKind messages_event_kind(std::string_view name) {
  if (name == "content_block_delta") return EventKind::delta;
  const bool tells = name.empty() || name == "message_start" || name == "message_delta" ||
                     name == "message_stop" || name == "error";
  return tells ? EventKind::telling : EventKind::other;
}

}  // namespace

void read_messages_usage_member(std::string_view name, ondemand::value value, MessagesCounts& counts,
                                MessageReport& report) {
  if (name == "iterations") {
    read_side_steps(value, report.side_steps);
  } else if (name == "service_tier" || name == "speed" || name == "inference_geo") {
    std::string text;
    read_string(value, text);
    // Anthropic's "priority" was paid for in advance; beside it there are only standard and batch.
    if (name == "service_tier")
      report.modifiers.tier = text == "batch" ? PriceTier::batch : PriceTier::standard;
    if (name == "speed") report.modifiers.fast = text == "fast";
    if (name == "inference_geo") report.modifiers.us_only = text == "us";
  } else {
    counts.take(name, value);
  }
}

void read_messages_member(std::string_view name, ondemand::value value, MessageReport& report) {
  if (name == "model") {
    read_string(value, report.model);
  } else if (name == "usage") {
    read_usage(value, report);
  } else if (name == "message") {
    for_each_field(value.get_object(), [&](std::string_view inner, ondemand::value member) {
      if (inner != "message") read_messages_member(inner, member, report);
    });
  } else if (name == "error") {
    for_each_field(value.get_object(), [&](std::string_view inner, ondemand::value member) {
      if (inner == "type") read_string(member, report.error_type);
    });
  }
}

void note_messages_event(std::string_view type, bool read, const MessageReport& report,
                         StreamProgress& progress) {
  if (type == "message_start") progress.begun = true;
  if (type == "message_delta") progress.final = progress.final || (read && report.has_usage);
  if (type == "message_stop" || type == "error") progress.ended = true;
}

EventKindOf MessagesUsage::event_kinds() const {
  return messages_event_kind;
}

void MessagesUsage::read_event(std::string& data, StreamProgress& progress, MessageReport& report) {
  std::string type;
  const bool read = read_messages_document(data, type, report);
  note_messages_event(type, read, report, progress);
}

BodyRead MessagesUsage::read_body(std::string& json, MessageReport& report) {
  std::string type;
  const bool read = read_messages_document(json, type, report);
  // An error, which has no usage, is final too: it used nothing. Any other answer without usage is of a
  // server that leaves it out, and was not made for nothing.
  return {.whole = read, .final = read && (report.has_usage || !report.error_type.empty())};
}

bool read_messages_document(std::string& json, std::string& type, MessageReport& report) {
  ondemand::parser parser;
  return for_each_field(parser, json, [&](std::string_view name, ondemand::value value) {
    if (name == "type") {
      read_string(value, type);
    } else {
      read_messages_member(name, value, report);
    }
  });
}

}  // namespace weir::model

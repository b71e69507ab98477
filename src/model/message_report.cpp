#include "model/message_report.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace weir::model {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::simdjson_result;

constexpr std::int64_t kCountMax = 1'000'000'000'000;  // a larger count is nonsense that must not overflow

// All readers leave their target as it is when the value is null or of another type.
void read_count(ondemand::value value, std::int64_t& target) {
  std::int64_t count = 0;
  if (value.get_int64().get(count) == simdjson::SUCCESS) target = std::clamp<std::int64_t>(count, 0, kCountMax);
}

void read_string(ondemand::value value, std::string& target) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) target = text;
}

// Calls on_field(name, value) for each member; false when `value` is no object or is broken.
template <class OnField>
bool for_each_field(simdjson_result<ondemand::object> object, OnField on_field) {
  if (object.error() != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view name;
    ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    on_field(name, value);
  }
  return true;
}

// The token counts of one usage object, which may come in any order.
class TokenCounts {
 public:
  explicit TokenCounts(data::Usage& usage) : usage_(usage) {}

  void take(std::string_view name, ondemand::value value) {
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

  // The total of cache writes is the sum of its kinds; what it has beyond them, or when it stands alone,
  // is of the ordinary five-minute kind.
  void end() {
    if (!cache_writes_) return;
    usage_.cache_write_1h_tokens = std::min(usage_.cache_write_1h_tokens, *cache_writes_);
    usage_.cache_write_5m_tokens = *cache_writes_ - usage_.cache_write_1h_tokens;
  }

 private:
  data::Usage& usage_;
  std::optional<std::int64_t> cache_writes_;
};

void read_side_steps(ondemand::value value, std::vector<SideStep>& steps) {
  ondemand::array entries;
  if (value.get_array().get(entries) != simdjson::SUCCESS) return;
  steps.clear();
  for (auto entry : entries) {
    std::string type;
    SideStep step;
    TokenCounts counts(step.usage);
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
  TokenCounts counts(report.usage);
  const bool read = for_each_field(object.get_object(), [&](std::string_view name, ondemand::value value) {
    if (name == "iterations") {
      read_side_steps(value, report.side_steps);
    } else if (name == "service_tier" || name == "speed" || name == "inference_geo") {
      std::string text;
      read_string(value, text);
      if (name == "service_tier") report.modifiers.batch = text == "batch";
      if (name == "speed") report.modifiers.fast = text == "fast";
      if (name == "inference_geo") report.modifiers.us_only = text == "us";
    } else {
      counts.take(name, value);
    }
  });
  counts.end();
  report.has_usage = report.has_usage || read;
}

// A member of a message, or of an event's data; message_start holds a message.
void read_member(std::string_view name, ondemand::value value, MessageReport& report) {
  if (name == "model") {
    read_string(value, report.model);
  } else if (name == "usage") {
    read_usage(value, report);
  } else if (name == "message") {
    for_each_field(value.get_object(), [&](std::string_view inner, ondemand::value member) {
      if (inner != "message") read_member(inner, member, report);
    });
  } else if (name == "error") {
    for_each_field(value.get_object(), [&](std::string_view inner, ondemand::value member) {
      if (inner == "type") read_string(member, report.error_type);
    });
  }
}

}  // namespace

bool MessageReport::read(std::string& json) {
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  const simdjson::padded_string_view padded(json.data(), json.size(), json.capacity());
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  return for_each_field(document.get_object(), [&](std::string_view name, ondemand::value value) {
    if (name == "type") {
      read_string(value, type);
    } else {
      read_member(name, value, *this);
    }
  });
}

}  // namespace weir::model

#include "model/openai_meter.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace weir::model {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::simdjson_result;
using namespace std::string_view_literals;

constexpr std::int64_t kCountMax = 1'000'000'000'000;  // a larger count is nonsense that must not overflow
constexpr std::uint64_t kBytesPerToken = 4;

// Of the Responses API; Chat Completions names no event, and each of its chunks is looked at.
constexpr std::array kTellingEvents{"response.created"sv, "response.completed"sv, "response.failed"sv,
                                    "response.incomplete"sv, "error"sv};

void read_count(ondemand::value value, std::int64_t& target) {
  std::int64_t count = 0;
  if (value.get_int64().get(count) == simdjson::SUCCESS)
    target = std::clamp<std::int64_t>(count, 0, kCountMax);
}

void read_string(ondemand::value value, std::string& target) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) target = text;
}

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

// OpenAI counts what the cache gave or took within the prompt; the ledger's classes are disjoint.
void read_usage(ondemand::value object, MessageReport& report) {
  std::int64_t prompt = 0;
  std::int64_t cached = 0;
  std::int64_t written = 0;
  const auto read_details = [&](std::string_view name, ondemand::value value) {
    if (name == "cached_tokens") read_count(value, cached);
    if (name == "cache_write_tokens") read_count(value, written);
  };
  const bool read = for_each_field(object.get_object(), [&](std::string_view name, ondemand::value value) {
    if (name == "prompt_tokens" || name == "input_tokens") {
      read_count(value, prompt);
    } else if (name == "completion_tokens" || name == "output_tokens") {
      read_count(value, report.usage.output_tokens);
    } else if (name == "prompt_tokens_details" || name == "input_tokens_details") {
      for_each_field(value.get_object(), read_details);
    }
  });
  if (!read) return;
  report.usage.cache_read_tokens = cached;
  report.usage.cache_write_5m_tokens = written;
  report.usage.input_tokens = std::max<std::int64_t>(prompt - cached - written, 0);
  report.has_usage = true;
}

void read_error(ondemand::value value, MessageReport& report) {
  std::string type;
  std::string code;
  for_each_field(value.get_object(), [&](std::string_view name, ondemand::value member) {
    if (name == "type") read_string(member, type);
    if (name == "code") read_string(member, code);
  });
  if (type.empty()) type = code;
  if (!type.empty()) report.error_type = std::move(type);
}

void read_member(std::string_view name, ondemand::value value, MessageReport& report) {
  if (name == "model") {
    read_string(value, report.model);
  } else if (name == "usage") {
    read_usage(value, report);
  } else if (name == "error") {
    read_error(value, report);
  } else if (name == "service_tier") {
    std::string tier;
    read_string(value, tier);
    report.modifiers.batch = tier == "flex" || tier == "batch";  // both at half the price
    report.modifiers.fast = tier == "priority";                  // at twice the price
  } else if (name == "response") {
    for_each_field(value.get_object(), [&](std::string_view inner, ondemand::value member) {
      if (inner != "response") read_member(inner, member, report);
    });
  }
}

// The length of the text after `"name":"`, up to its closing quote; 0 when there is none.
std::size_t text_after(std::string_view data, std::string_view name) {
  const std::size_t at = data.find(name);
  if (at == std::string_view::npos) return 0;
  std::size_t end = at + name.size();
  while (end < data.size() && data[end] != '"') end += data[end] == '\\' ? 2 : 1;
  return end - at - name.size();
}

}  // namespace

bool read_openai_report(MessageReport& report, std::string& json) {
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  const simdjson::padded_string_view padded(json.data(), json.size(), json.capacity());
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  std::string code;  // of the Responses API's error event, whose error is the event itself
  const bool read = for_each_field(document.get_object(), [&](std::string_view name, ondemand::value value) {
    if (name == "type") {
      read_string(value, report.type);
    } else if (name == "code") {
      read_string(value, code);
    } else {
      read_member(name, value, report);
    }
  });
  if (report.type == "error" && report.error_type.empty()) report.error_type = code.empty() ? "error" : code;
  return read;
}

OpenAiMeter::OpenAiMeter(MeterKind kind, MeterLimits limits)
    : kind_(kind), limits_(limits), scanner_(limits.event_size_max, {kTellingEvents, {}}) {}

void OpenAiMeter::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (kind_ == MeterKind::json) {
    begun_ = true;
    if (bytes_ <= limits_.json_size_max) {
      json_ += bytes;
    } else {
      json_ = std::string();  // too large to keep: the estimate must do
    }
    return;
  }
  while (scanner_.next(bytes)) take_event(scanner_.data());
  // The Responses API's deltas are events that the scanner only counts, about one for each token.
  deltas_ = std::max(deltas_, scanner_.other_events());
}

void OpenAiMeter::take_event(std::string& data) {
  begun_ = true;
  if (data == "[DONE]" || data == " [DONE]") {
    ended_ = true;
    return;
  }
  report_.type.clear();
  const bool has_usage = report_.has_usage;
  report_.has_usage = false;
  count_delta(data);
  read_openai_report(report_, data);
  final_ = final_ || report_.has_usage;
  report_.has_usage = report_.has_usage || has_usage;
  if (report_.type == "response.completed" || report_.type == "response.incomplete" ||
      report_.type == "response.failed" || !report_.error_type.empty()) {
    ended_ = true;
  }
}

void OpenAiMeter::count_delta(std::string_view data) {
  if (data.find("\"delta\"") == std::string_view::npos) return;
  const std::size_t text = text_after(data, "\"content\":\"") + text_after(data, "\"arguments\":\"") +
                           text_after(data, "\"reasoning_content\":\"");
  if (text == 0 && data.find("\"tool_calls\"") == std::string_view::npos) return;
  ++deltas_;
  text_bytes_ += text;
}

void OpenAiMeter::finish() {
  if (kind_ != MeterKind::json || json_.empty()) return;
  const bool read = read_openai_report(report_, json_);
  final_ = read;  // an error body, which has no usage, is final too: it used nothing
  ended_ = read;
  json_ = std::string();
}

data::Usage OpenAiMeter::usage() const {
  data::Usage usage = report_.usage;
  if (usage_estimated()) {
    const std::uint64_t text = kind_ == MeterKind::event_stream ? text_bytes_ : bytes_;
    const auto estimate = static_cast<std::int64_t>(std::max(deltas_, text / kBytesPerToken));
    usage.output_tokens = std::max(usage.output_tokens, estimate);
  }
  return usage;
}

}  // namespace weir::model

#include "model/usage/bedrock_usage.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "model/usage/messages_usage.h"

namespace weir::model {
namespace {

// {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}
constexpr std::string_view kMessagesDelta = "{\"type\":\"content_block_delta\"";
constexpr std::size_t kMessagesDeltaEnvelope = 80;
constexpr int kTextDepthMax = 8;

EventKind no_event(std::string_view) {
  return EventKind::other;
}

// One usage object of Converse or Nova, or Bedrock's own metrics: the same counts under three sets of names.
// The classes are disjoint, as Anthropic's are (recorded: totalTokens is the sum of all four).
class BedrockCounts {
 public:
  explicit BedrockCounts(data::Usage& usage) : usage_(usage) {}

  void take(std::string_view name, ondemand::value value) {
    if (name == "inputTokens" || name == "inputTokenCount") {
      take_count(value, usage_.input_tokens);
    } else if (name == "outputTokens" || name == "outputTokenCount") {
      take_count(value, usage_.output_tokens);
    } else if (name == "cacheReadInputTokens" || name == "cacheReadInputTokenCount") {
      take_count(value, usage_.cache_read_tokens);
    } else if (name == "cacheWriteInputTokens" || name == "cacheWriteInputTokenCount") {
      take_count(value, writes_);
    } else if (name == "cacheDetails") {
      for_each_element(value.get_array(), [this](ondemand::value entry) { take_detail(entry); });
    }
  }

  // False: there was no count.
  bool end() {
    if (writes_ < 0) return any_;
    usage_.cache_write_1h_tokens = std::min(hour_writes_, writes_);
    usage_.cache_write_5m_tokens = writes_ - usage_.cache_write_1h_tokens;
    return any_;
  }

 private:
  void take_count(ondemand::value value, std::int64_t& target) {
    std::int64_t count = -1;
    read_count(value, count);
    if (count < 0) return;
    target = count;
    any_ = true;
  }

  void take_detail(ondemand::value entry) {
    std::string ttl;
    std::int64_t tokens = 0;
    for_each_field(entry.get_object(), [&](std::string_view name, ondemand::value value) {
      if (name == "ttl") read_string(value, ttl);
      if (name == "inputTokens") read_count(value, tokens);
    });
    if (ttl == "1h") hour_writes_ += tokens;
  }

  data::Usage& usage_;
  std::int64_t writes_ = -1;
  std::int64_t hour_writes_ = 0;
  bool any_ = false;
};

// Bedrock's own metrics end every stream of InvokeModel. What the model's API has told of the prompt stays:
// it knows the kinds of cache writes.
bool read_metrics(ondemand::value object, MessageReport& report) {
  data::Usage metrics;
  BedrockCounts counts(metrics);
  for_each_field(object.get_object(),
                 [&](std::string_view name, ondemand::value value) { counts.take(name, value); });
  if (!counts.end()) return false;
  if (!report.has_usage) report.usage = metrics;
  report.usage.output_tokens = metrics.output_tokens;
  report.has_usage = true;
  return true;
}

bool read_counts(ondemand::value object, MessageReport& report) {
  BedrockCounts counts(report.usage);
  for_each_field(object.get_object(),
                 [&](std::string_view name, ondemand::value value) { counts.take(name, value); });
  const bool any = counts.end();
  report.has_usage = report.has_usage || any;
  return any;
}

// The strings in a delta, whose padding tells nothing.
std::size_t text_size(ondemand::value value, int depth) {
  ondemand::json_type type;
  if (depth == 0 || value.type().get(type) != simdjson::SUCCESS) return 0;
  std::size_t size = 0;
  if (type == ondemand::json_type::string) {
    size = value.raw_json_token().size() - std::min<std::size_t>(value.raw_json_token().size(), 2);
  } else if (type == ondemand::json_type::object) {
    for_each_field(value.get_object(),
                   [&](std::string_view, ondemand::value inner) { size += text_size(inner, depth - 1); });
  }
  return size;
}

void note_delta(std::size_t size, StreamProgress& progress) {
  progress.begun = true;
  if (size == 0) return;
  ++progress.deltas;
  progress.text_bytes += size;
}

// Counts that stand in the body itself: of Titan, of Llama.
bool read_plain_count(std::string_view name, ondemand::value value, MessageReport& report) {
  const bool input = name == "inputTextTokenCount" || name == "prompt_token_count";
  const bool output = name == "totalOutputTextTokenCount" || name == "generation_token_count";
  if (!input && !output) return false;
  std::int64_t count = -1;
  read_count(value, count);
  if (count < 0) return false;
  (input ? report.usage.input_tokens : report.usage.output_tokens) = count;
  report.has_usage = true;
  return true;
}

bool read_nova_metadata(ondemand::value value, MessageReport& report) {
  bool any = false;
  for_each_field(value.get_object(), [&](std::string_view name, ondemand::value member) {
    if (name == "usage") any |= read_counts(member, report);
  });
  return any;
}

// Claude's usage has Anthropic's names, everyone else's Bedrock's.
bool read_usage(ondemand::value object, MessageReport& report) {
  MessagesCounts messages(report.usage);
  BedrockCounts bedrock(report.usage);
  const bool read = for_each_field(object.get_object(), [&](std::string_view name, ondemand::value value) {
    read_messages_usage_member(name, value, messages, report);
    bedrock.take(name, value);
  });
  messages.end();
  bedrock.end();
  report.has_usage = report.has_usage || read;
  return read;
}

}  // namespace

EventKindOf BedrockUsage::event_kinds() const {
  return no_event;
}

void BedrockUsage::read_event(std::string&, StreamProgress&, MessageReport&) {}  // Bedrock streams in frames

void BedrockUsage::read_frame(const net::Frame& frame, StreamProgress& progress, MessageReport& report) {
  const std::string_view kind = frame.text(":message-type");
  if (kind == "exception" || kind == "error") {
    report.error_type = frame.text(kind == "exception" ? ":exception-type" : ":error-code");
    if (report.error_type.empty()) report.error_type = kind;
    progress.ended = true;
    return;
  }
  json_ = frame.payload;
  const std::string_view event = frame.text(":event-type");
  if (event != "chunk") return read_converse_event(event, progress, report);
  std::optional<std::string> chunk;
  for_each_field(parser_, json_, [&](std::string_view name, ondemand::value value) {
    std::string_view text;
    if (name == "bytes" && value.get_string().get(text) == simdjson::SUCCESS) chunk = from_base64(text);
  });
  if (!chunk) return;
  json_ = *std::move(chunk);
  read_chunk(progress, report);
}

void BedrockUsage::read_converse_event(std::string_view name, StreamProgress& progress,
                                       MessageReport& report) {
  progress.begun = true;
  if (name == "messageStop") progress.ended = true;
  if (name != "contentBlockDelta" && name != "metadata") return;
  for_each_field(parser_, json_, [&](std::string_view member, ondemand::value value) {
    if (name == "metadata" && member == "usage") {
      progress.final = read_counts(value, report) || progress.final;
      progress.ended = true;
    } else if (name == "contentBlockDelta" && member == "delta") {
      note_delta(text_size(value, kTextDepthMax), progress);
    }
  });
}

// InvokeModel's chunks are what the model's own API streams: Messages events of Claude, Converse's of Nova.
void BedrockUsage::read_chunk(StreamProgress& progress, MessageReport& report) {
  progress.begun = true;
  if (json_.starts_with(kMessagesDelta)) {
    return note_delta(json_.size() - std::min(json_.size(), kMessagesDeltaEnvelope), progress);
  }
  std::string type;
  bool final = false;
  const bool read = for_each_field(parser_, json_, [&](std::string_view name, ondemand::value value) {
    if (name == "type") {
      read_string(value, type);
    } else if (name == "amazon-bedrock-invocationMetrics") {
      final |= read_metrics(value, report);
    } else if (name == "metadata") {
      final |= read_nova_metadata(value, report);
    } else if (name == "contentBlockDelta" || name == "outputText") {
      note_delta(text_size(value, kTextDepthMax), progress);
    } else if (name == "usage" || name == "message" || name == "error") {
      read_messages_member(name, value, report);
    } else {
      read_plain_count(name, value, report);
    }
  });
  note_messages_event(type, read, report, progress);
  progress.final = progress.final || final;
  progress.ended = progress.ended || final;
  report.model.clear();
}

BodyRead BedrockUsage::read_body(std::string& json, MessageReport& report) {
  bool final = false;
  const bool whole = for_each_field(parser_, json, [&](std::string_view name, ondemand::value value) {
    if (name == "usage") {
      final |= read_usage(value, report);
    } else {
      final |= read_plain_count(name, value, report);
    }
  });
  return {.whole = whole, .final = final};
}

bool read_bedrock_counts(const net::Headers& answer, MessageReport& report) {
  bool any = false;
  const auto read = [&](std::string_view name, std::int64_t& target) {
    const auto count = parse_int(answer.get(name));
    if (!count) return;
    target = std::clamp<std::int64_t>(*count, 0, kCountMax);
    any = true;
  };
  read("x-amzn-bedrock-input-token-count", report.usage.input_tokens);
  read("x-amzn-bedrock-output-token-count", report.usage.output_tokens);
  read("x-amzn-bedrock-cache-read-input-token-count", report.usage.cache_read_tokens);
  read("x-amzn-bedrock-cache-write-input-token-count", report.usage.cache_write_5m_tokens);
  report.has_usage = report.has_usage || any;
  return any;
}

}  // namespace weir::model

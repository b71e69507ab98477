#include "model/dialects/inbound_events.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "model/dialects/inbound_json.h"

namespace weir::model::inbound {
namespace {

namespace ondemand = simdjson::ondemand;
using Kind = MessagesEvent::Kind;

constexpr std::size_t kEventSizeMax = 32 * 1024 * 1024;
constexpr std::size_t kAnswerSizeMax = 256 * 1024 * 1024;  // far beyond what a model writes in one go
constexpr std::int64_t kCountMax = 1'000'000'000'000;  // a larger count is nonsense that must not overflow
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::unexpected<Error> broken(std::string what) {
  return fail(Code::upstream_failed, "the provider's stream is broken: " + std::move(what));
}

// Readers leave their target as it is where the value is null or of another type.
void read_count(ondemand::value value, std::int64_t& target) {
  std::int64_t count = 0;
  if (value.get_int64().get(count) == simdjson::SUCCESS)
    target = std::clamp<std::int64_t>(count, 0, kCountMax);
}

void read_text(ondemand::value value, std::string& target) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) target = text;
}

// Calls on_field(name, value) for each member; for none where `value` is no object. After broken JSON the
// document is not alive, and nothing but a loop that runs may touch it.
template <class Value, class OnField>
void for_each_field(Value value, OnField on_field) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return;
  for (auto field : object) {
    std::string_view name;
    ondemand::value member;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return;
    if (field.value().get(member) != simdjson::SUCCESS) return;
    on_field(name, member);
  }
}

// The token of a JSON string, or nothing for null; false: it is no string that could be copied.
bool read_token(ondemand::value value, std::string_view& target) {
  std::string_view token = value.raw_json_token();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  if (token == "null") return true;
  if (!is_string_token(token)) return false;
  target = token;
  return true;
}

template <class Value>
void read_usage(Value value, MessageFacts& message) {
  for_each_field(value, [&](std::string_view name, ondemand::value member) {
    MessageUsage& counts = message.usage;
    if (name == "input_tokens") read_count(member, counts.input_tokens);
    if (name == "output_tokens") read_count(member, counts.output_tokens);
    if (name == "cache_creation_input_tokens") read_count(member, counts.cache_write_tokens);
    if (name == "cache_read_input_tokens") read_count(member, counts.cache_read_tokens);
    if (name == "service_tier") read_text(member, message.service_tier);
    if (name != "output_tokens_details") return;
    for_each_field(member, [&](std::string_view kind, ondemand::value count) {
      if (kind == "thinking_tokens") read_count(count, counts.thinking_tokens);
    });
  });
}

bool read_delta(ondemand::object& root, MessagesEvent& event) {
  ondemand::object delta;
  std::string_view type;
  if (root["index"].get_int64().get(event.index) != simdjson::SUCCESS) return false;
  if (root["delta"].get_object().get(delta) != simdjson::SUCCESS) return false;
  if (delta["type"].get_string().get(type) != simdjson::SUCCESS) return false;
  const auto relayed = [&](Kind kind, std::string_view field) {
    event.kind = kind;
    ondemand::value value;
    return delta[field].get(value) == simdjson::SUCCESS && read_token(value, event.text) &&
           !event.text.empty();
  };
  if (type == "text_delta") return relayed(Kind::text, "text");
  if (type == "input_json_delta") return relayed(Kind::arguments, "partial_json");
  if (type == "thinking_delta") return relayed(Kind::thinking, "thinking");
  if (type == "signature_delta") return relayed(Kind::signature, "signature");
  event.kind = Kind::other;
  return true;
}

bool read_block_start(ondemand::object& root, MessagesEvent& event) {
  event.kind = Kind::block_start;
  ondemand::object block;
  if (root["index"].get_int64().get(event.index) != simdjson::SUCCESS) return false;
  if (root["content_block"].get_object().get(block) != simdjson::SUCCESS) return false;
  for (auto field : block) {
    std::string_view name;
    ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    bool fits = true;
    if (name == "type") fits = value.get_string().get(event.block_type) == simdjson::SUCCESS;
    if (name == "id") fits = read_token(value, event.id);
    if (name == "name") fits = read_token(value, event.name);
    if (name == "text" || name == "thinking" || name == "data") fits = read_token(value, event.text);
    ondemand::object input;
    if (name == "input" && value.get_object().get(input) == simdjson::SUCCESS) {
      fits = input.raw_json().get(event.input) == simdjson::SUCCESS;
    }
    if (!fits) return false;
  }
  const auto is_named = [](std::string_view token) { return token.size() > 2; };
  if (event.block_type == "tool_use") return is_named(event.id) && is_named(event.name);
  return !event.block_type.empty();
}

void read_message_start(ondemand::object& root, MessageFacts& facts) {
  for_each_field(root["message"], [&](std::string_view name, ondemand::value value) {
    if (name == "id") read_text(value, facts.id);
    if (name == "model") read_text(value, facts.model);
    if (name == "usage") read_usage(value, facts);
  });
}

void read_message_delta(ondemand::document& document, ondemand::object& root, MessageFacts& facts) {
  for_each_field(root["delta"], [&](std::string_view name, ondemand::value value) {
    if (name == "stop_reason") read_text(value, facts.stop_reason);
    if (name != "stop_details") return;
    for_each_field(value, [&](std::string_view detail, ondemand::value text) {
      if (detail == "explanation") read_text(text, facts.explanation);
    });
  });
  if (document.is_alive()) read_usage(root["usage"], facts);
}

void read_error(ondemand::object& root, MessageFacts& facts) {
  for_each_field(root["error"], [&](std::string_view name, ondemand::value value) {
    if (name == "type") read_text(value, facts.error_type);
    if (name == "message") read_text(value, facts.error_message);
  });
}

Kind plain_kind(std::string_view type) {
  if (type == "content_block_stop") return Kind::block_stop;
  if (type == "message_start") return Kind::message_start;
  if (type == "message_delta") return Kind::message_delta;
  if (type == "message_stop") return Kind::message_stop;
  if (type == "ping") return Kind::ping;
  if (type == "error") return Kind::error;
  return Kind::other;
}

}  // namespace

struct MessagesReader::Memory {
  ondemand::parser parser;
};

MessagesReader::MessagesReader() : memory_(std::make_unique<Memory>()) {}
MessagesReader::~MessagesReader() = default;

Result<const MessagesEvent*> MessagesReader::next(std::string_view& bytes) {
  if (std::exchange(handed_out_, false)) data_.clear();
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    std::size_t end = bytes.find('\n');
    end = std::min(bytes.substr(0, end).find('\r'), end);
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + data_.size() + part.size() > kEventSizeMax) return broken("an event is too large");
    size_ += part.size() + 1;
    if (size_ > kAnswerSizeMax) return broken("the answer is too large");
    if (end == std::string_view::npos) {
      line_ += part;
      bytes = {};
      break;
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (!line_.empty()) line_ += part;
    auto complete = take_line(line_.empty() ? part : line_);
    line_.clear();
    if (!complete) return fail(complete);
    if (*complete) return &event_;
  }
  return nullptr;
}

// True when the line ends an event. The event's name is not looked at: its data says the same.
Result<bool> MessagesReader::take_line(std::string_view line) {
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    if (data_.empty()) return false;
    handed_out_ = true;
    if (!parse()) return broken("an event is not what the Messages API describes");
    return true;
  }
  if (!line.starts_with("data:")) return false;
  line.remove_prefix(5);
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (!data_.empty()) data_ += '\n';
  data_ += line;
  return false;
}

bool MessagesReader::parse() {
  event_ = {};
  data_.reserve(data_.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view padded(data_.data(), data_.size(), data_.capacity());
  ondemand::document document;
  ondemand::object root;
  std::string_view type;
  if (memory_->parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  if (document.get_object().get(root) != simdjson::SUCCESS) return false;
  if (root["type"].get_string().get(type) != simdjson::SUCCESS) return false;
  if (type == "content_block_delta") return read_delta(root, event_);
  if (type == "content_block_start") return read_block_start(root, event_);
  event_.kind = plain_kind(type);
  if (event_.kind == Kind::message_start) read_message_start(root, message_);
  if (event_.kind == Kind::message_delta) read_message_delta(document, root, message_);
  if (event_.kind == Kind::error) read_error(root, message_);
  return document.is_alive();
}

}  // namespace weir::model::inbound

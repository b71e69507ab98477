#include "ops/upstream/script.h"

#include <utility>

#include "ops/upstream/citations.h"
#include "ops/upstream/recordings.h"

namespace weir::ops::upstream {
namespace {

constexpr std::size_t kQuotedQuestionMax = 80;           // bytes
constexpr std::string_view kEveryTool = "[every tool]";  // in a question: calls them all at once
constexpr std::size_t kPartialJsonSize = 12;             // bytes of tool input in one delta
constexpr std::string_view kSignature = "c2ltdWxhdGVkIHRoaW5raW5nLCBzaWduZWQgYnkgbm9ib2R5";
constexpr std::string_view kThinking = "The question is short, so the answer can be short too.";

// The real stream pads its payloads with spaces before the last brace, never two alike.
std::string event_text(std::string_view name, const json::object& payload, std::size_t number) {
  std::string data = json::serialize(payload);
  data.insert(data.size() - 1, number * 7 % 16, ' ');
  return "event: " + std::string(name) + "\ndata: " + data + "\n\n";
}

// Words with the space before them, as the model's tokens come.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' ', 1), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::string_view cut_at_code_point(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0) == 0x80) --size_max;
  return text.substr(0, size_max);
}

// Writes the events and the message side by side.
class Writer {
 public:
  Writer(const json::value& request, const ScriptOptions& options) {
    usage_ = {{"input_tokens", count_input_tokens(request)},
              {"cache_creation_input_tokens", 0},
              {"cache_read_input_tokens", 0},
              {"cache_creation", {{"ephemeral_5m_input_tokens", 0}, {"ephemeral_1h_input_tokens", 0}}},
              {"output_tokens", 1},
              {"service_tier", "standard"},
              {"inference_geo", "not_available"}};
    message_ = {{"model", string_member(request, "model")},
                {"id", options.message_id},
                {"type", "message"},
                {"role", "assistant"},
                {"content", json::array()},
                {"stop_reason", nullptr},
                {"stop_sequence", nullptr},
                {"stop_details", nullptr},
                {"usage", usage_}};
    add("message_start", {{"message", message_}});
  }

  // `started` is the block as content_block_start shows it, `whole` as the message does.
  void block(json::object started, const std::vector<json::object>& deltas, json::object whole) {
    add("content_block_start", {{"index", index_}, {"content_block", std::move(started)}});
    if (index_ == 0) events_.emplace_back("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    for (const json::object& delta : deltas)
      add("content_block_delta", {{"index", index_}, {"delta", delta}});
    output_tokens_ += static_cast<std::int64_t>(deltas.size());
    add("content_block_stop", {{"index", index_}});
    content_.emplace_back(std::move(whole));
    ++index_;
  }

  Script finish(std::string_view stop_reason) {
    usage_["output_tokens"] = output_tokens_;
    json::object totals = usage_;
    for (const std::string_view name : {"cache_creation", "service_tier", "inference_geo"})
      totals.erase(name);
    add("message_delta",
        {{"delta", {{"stop_reason", stop_reason}, {"stop_sequence", nullptr}, {"stop_details", nullptr}}},
         {"usage", std::move(totals)}});
    add("message_stop", {});
    message_["content"] = std::move(content_);
    message_["stop_reason"] = stop_reason;
    message_["usage"] = usage_;
    return {std::move(message_), std::move(events_)};
  }

 private:
  void add(std::string_view type, json::object members) {
    json::object payload{{"type", type}};
    for (auto& [name, value] : members) payload.emplace(name, std::move(value));
    events_.push_back(event_text(type, payload, events_.size()));
  }

  json::object message_, usage_;
  json::array content_;
  std::vector<std::string> events_;
  int index_ = 0;
  std::int64_t output_tokens_ = 0;
};

void add_text(Writer& writer, const std::vector<std::string>& words, const json::object* citation) {
  json::object started{{"type", "text"}, {"text", ""}};
  json::object whole{{"type", "text"}};
  std::vector<json::object> deltas;
  if (citation != nullptr) {
    started["citations"] = json::array();
    whole["citations"] = json::array{*citation};
    deltas.push_back({{"type", "citations_delta"}, {"citation", *citation}});
  }
  std::string text;
  for (const std::string& word : words) {
    deltas.push_back({{"type", "text_delta"}, {"text", word}});
    text += word;
  }
  whole["text"] = text;
  writer.block(std::move(started), deltas, std::move(whole));
}

void add_thinking(Writer& writer) {
  std::vector<json::object> deltas;
  for (const std::string& word : words_of(kThinking))
    deltas.push_back({{"type", "thinking_delta"}, {"thinking", word}});
  deltas.push_back({{"type", "signature_delta"}, {"signature", kSignature}});
  writer.block({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, deltas,
               {{"type", "thinking"}, {"thinking", kThinking}, {"signature", kSignature}});
}

// A value that the schema of a property allows.
json::value example_value(const json::value& schema) {
  const json::value* const choices = find_member(schema, "enum");
  if (choices != nullptr && choices->is_array() && !choices->get_array().empty())
    return choices->get_array().front();
  const std::string_view type = string_member(schema, "type");
  if (type == "integer" || type == "number") return 1;
  if (type == "boolean") return true;
  if (type == "array") return json::array();
  if (type == "object") return json::object();
  return "example";
}

json::object example_input(const json::value& tool) {
  json::object input;
  const json::value* const schema = find_member(tool, "input_schema");
  const json::value* const required = schema != nullptr ? find_member(*schema, "required") : nullptr;
  const json::value* const properties = schema != nullptr ? find_member(*schema, "properties") : nullptr;
  if (required == nullptr || !required->is_array() || properties == nullptr) return input;
  for (const json::value& name : required->get_array()) {
    if (!name.is_string()) continue;
    const json::value* const property = find_member(*properties, name.get_string());
    if (property != nullptr) input[name.get_string()] = example_value(*property);
  }
  return input;
}

// The tool that the request insists on, or null.
const json::value* forced_tool(const json::value& request) {
  const json::value* const tools = find_member(request, "tools");
  const json::value* const choice = find_member(request, "tool_choice");
  if (tools == nullptr || !tools->is_array() || tools->get_array().empty() || choice == nullptr)
    return nullptr;
  const std::string_view type = string_member(*choice, "type");
  if (type == "any") return &tools->get_array().front();
  if (type != "tool") return nullptr;
  for (const json::value& tool : tools->get_array()) {
    if (string_member(tool, "name") == string_member(*choice, "name")) return &tool;
  }
  return nullptr;
}

void add_tool_use(Writer& writer, const json::value& tool, std::string_view message_id) {
  const std::string id =
      "toolu_" +
      std::string(message_id.substr(std::min<std::size_t>(message_id.find('_') + 1, message_id.size())));
  const json::object input = example_input(tool);
  const std::string text = json::serialize(input);
  std::vector<json::object> deltas{{{"type", "input_json_delta"}, {"partial_json", ""}}};
  for (std::size_t at = 0; at < text.size(); at += kPartialJsonSize) {
    const std::string_view part = std::string_view(text).substr(at, kPartialJsonSize);
    deltas.push_back({{"type", "input_json_delta"}, {"partial_json", part}});
  }
  json::object whole{
      {"type", "tool_use"}, {"id", id}, {"name", string_member(tool, "name")}, {"input", input}};
  json::object started = whole;
  started["input"] = json::object();
  writer.block(std::move(started), deltas, std::move(whole));
}

// Exactly `count` words, by repeating or leaving out; 0: as they are.
std::vector<std::string> resized(std::vector<std::string> words, std::int64_t count) {
  if (count <= 0) return words;
  const std::size_t period = words.size();
  while (words.size() < static_cast<std::size_t>(count)) words.push_back(words[words.size() - period]);
  words.resize(static_cast<std::size_t>(count));
  return words;
}

std::int64_t text_size(const json::value& value) {
  if (value.is_string()) return static_cast<std::int64_t>(value.get_string().size());
  std::int64_t size = 0;
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) size += text_size(element);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.get_object()) size += text_size(member);
  }
  return size;
}

}  // namespace

Script write_script(const json::value& request, const ScriptOptions& options) {
  Writer writer(request, options);
  const json::value* const thinking = find_member(request, "thinking");
  const std::string_view thinking_type =
      thinking != nullptr ? string_member(*thinking, "type") : std::string_view();
  if (thinking_type == "enabled" || thinking_type == "adaptive") add_thinking(writer);
  if (const json::value* const tool = forced_tool(request)) {
    if (!last_user_text(request).contains(kEveryTool)) {
      add_tool_use(writer, *tool, options.message_id);
      return writer.finish("tool_use");
    }
    for (const json::value& each : find_member(request, "tools")->get_array())
      add_tool_use(writer, each, options.message_id + std::string(string_member(each, "name")));
    return writer.finish("tool_use");
  }
  if (const auto source = cite_first_source(request)) {
    add_text(writer, words_of("The documents say:"), nullptr);
    add_text(writer, resized(words_of(" " + source->text), options.deltas), &source->citation);
    return writer.finish("end_turn");
  }
  const std::string question = last_user_text(request);
  const std::string answer =
      "You asked: \"" + std::string(cut_at_code_point(question, kQuotedQuestionMax)) +
      "\" This is the simulated provider. It answers every question with these words, one after the other.";
  add_text(writer, resized(words_of(answer), options.deltas), nullptr);
  return writer.finish("end_turn");
}

std::int64_t count_input_tokens(const json::value& request) {
  std::int64_t size = 0;
  for (const std::string_view name : {"system", "messages", "tools"}) {
    if (const json::value* const member = find_member(request, name)) size += text_size(*member);
  }
  return std::max<std::int64_t>(1, size / 4);
}

}  // namespace weir::ops::upstream

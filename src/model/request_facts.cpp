#include "model/request_facts.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace weir::model {
namespace {

namespace dom = simdjson::dom;
using simdjson::error_code;

std::unexpected<Error> refuse(std::string field, std::string message, std::string hint) {
  Error error(Code::invalid_request, std::move(message), std::move(hint));
  error.field = std::move(field);
  return fail(std::move(error));
}

std::unexpected<Error> refuse_body(error_code problem, std::size_t depth_max) {
  switch (problem) {
    case simdjson::EMPTY:
      return refuse("", "the request has no body", "send a JSON object with model, max_tokens and messages");
    case simdjson::UTF8_ERROR: return refuse("", "the body is not valid UTF-8", "encode the JSON as UTF-8");
    case simdjson::DEPTH_ERROR:
      return refuse("", "the body is nested deeper than " + std::to_string(depth_max) + " levels",
                    "flatten the objects and arrays in it");
    case simdjson::UNESCAPED_CHARS:
      return refuse("", "the body is not valid JSON: a control character stands in a string",
                    "escape it, for example a line break as \\n");
    case simdjson::UNCLOSED_STRING:
      return refuse("", "the body is not valid JSON: a string has no closing quote", "close the string");
    default: return refuse("", "the body is not valid JSON", "check brackets, commas, quotes and literals");
  }
}

// Two fields of one name mean one thing here and perhaps another to the provider.
Result<> check_single(bool& seen, std::string_view name) {
  if (!std::exchange(seen, true)) return {};
  return refuse(std::string(name), std::string(name) + " stands twice in the body", "send it once");
}

Result<> read_field(std::string_view name, dom::element value, RequestFacts& facts) {
  if (name == "model") {
    std::string_view model;
    if (value.get_string().get(model) != simdjson::SUCCESS || model.empty()) {
      return refuse("model", "model must be a non-empty string",
                    "name a model, for example \"claude-opus-5-5\"");
    }
    facts.model = model;
  } else if (name == "stream") {
    if (!value.is_null() && value.get_bool().get(facts.stream) != simdjson::SUCCESS) {
      return refuse("stream", "stream must be true or false", "leave it out for an answer in one piece");
    }
  } else if ((!value.is_null() && value.get_int64().get(facts.max_tokens) != simdjson::SUCCESS) ||
             facts.max_tokens < 0) {
    return refuse("max_tokens", "max_tokens must be a whole number, 0 or more", "send for example 1024");
  }
  return {};
}

bool is_string(dom::element object, std::string_view name, std::string_view& text) {
  return object[name].get_string().get(text) == simdjson::SUCCESS;
}

// Of one message: pictures and documents, also within the results of tools, and thinking.
void count_blocks(dom::element content, CallFacts& facts, int depth) {
  dom::array blocks;
  if (depth > 2 || content.get_array().get(blocks) != simdjson::SUCCESS) return;
  for (const dom::element block : blocks) {
    std::string_view type;
    if (!is_string(block, "type", type)) continue;
    if (type == "image" || type == "document" || type == "image_url" || type == "file" ||
        type == "input_image" || type == "input_file")
      ++facts.images;
    if (type == "thinking" || type == "redacted_thinking") facts.thinking_blocks = true;
    dom::element inner;
    if (type == "tool_result" && block["content"].get(inner) == simdjson::SUCCESS)
      count_blocks(inner, facts, depth + 1);
  }
}

// What only routing looks at. Whatever stands there is the provider's to judge.
void read_feature(std::string_view name, dom::element value, CallFacts& facts) {
  if (name == "tools") {
    dom::array tools;
    if (value.get_array().get(tools) == simdjson::SUCCESS)
      facts.tools = static_cast<std::uint32_t>(tools.size());
  } else if (name == "metadata") {
    std::string_view user;
    if (is_string(value, "user_id", user)) facts.user = user;
  } else if (name == "user") {
    std::string_view user;
    if (value.get_string().get(user) == simdjson::SUCCESS) facts.user = user;
  } else if (name == "max_completion_tokens" || name == "max_output_tokens") {
    std::int64_t limit = 0;
    if (value.get_int64().get(limit) == simdjson::SUCCESS && limit >= 0) facts.max_tokens = limit;
  } else if (name == "messages" || name == "input") {
    dom::array messages;
    if (value.get_array().get(messages) != simdjson::SUCCESS) return;
    for (const dom::element message : messages) {
      dom::element content;
      if (message["content"].get(content) == simdjson::SUCCESS) count_blocks(content, facts, 0);
    }
  }
}

Result<RequestFacts> read_facts(dom::object body) {
  RequestFacts facts;
  bool has_model = false;
  bool has_stream = false;
  bool has_max_tokens = false;
  for (const dom::key_value_pair field : body) {
    bool* const seen = field.key == "model"        ? &has_model
                       : field.key == "stream"     ? &has_stream
                       : field.key == "max_tokens" ? &has_max_tokens
                                                   : nullptr;
    if (seen == nullptr) {
      read_feature(field.key, field.value, facts);
      continue;
    }
    auto single = check_single(*seen, field.key);
    if (!single) return fail(single);
    auto read = read_field(field.key, field.value, facts);
    if (!read) return fail(read);
  }
  if (!has_model) return refuse("model", "model is missing", "name a model, for example \"claude-opus-5-5\"");
  return facts;
}

}  // namespace

struct RequestReader::Memory {
  std::size_t depth_max;
  std::size_t kept_size_max;
  dom::parser kept;
};

RequestReader::RequestReader(std::size_t depth_max, std::size_t kept_size_max)
    : memory_(std::make_unique<Memory>(depth_max, kept_size_max)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;

Result<RequestFacts> RequestReader::read(std::string& body) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);  // the parser looks a little past the end
  dom::parser own;
  dom::parser& parser = body.size() > memory_->kept_size_max ? own : memory_->kept;
  if (parser.capacity() < body.size() || parser.max_depth() != memory_->depth_max) {
    const error_code allocated =
        parser.allocate(std::max<std::size_t>(body.size(), 4096), memory_->depth_max);
    if (allocated != simdjson::SUCCESS) return fail(Code::internal, "no memory to read the request");
  }
  dom::element root;
  const error_code parsed = parser.parse(body.data(), body.size(), false).get(root);
  if (parsed != simdjson::SUCCESS) return refuse_body(parsed, memory_->depth_max);
  dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return refuse("", "the body must be a JSON object",
                  "send a JSON object with model, max_tokens and messages");
  }
  return read_facts(object);
}

}  // namespace weir::model

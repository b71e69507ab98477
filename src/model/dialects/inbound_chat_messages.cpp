#include "model/dialects/inbound_chat_messages.h"

#include <string>
#include <utility>

#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_media.h"

namespace weir::model::inbound {
namespace {

enum class Speaker : std::uint8_t { system, user, assistant, tool };

// One part of a content array as a finished block; empty: a part that says nothing.
class PartReader {
 public:
  PartReader(MessagesRequest& request, Speaker speaker) : request_(request), speaker_(speaker) {}

  Result<std::string> read(const json::value& value, const std::string& at) {
    auto object = object_at(value, at);
    if (!object) return fail(object);
    const json::object& part = **object;
    const std::string_view type = string_member(value, "type");
    if (type == "text") return text(part, "text", at);
    if (type == "refusal" && speaker_ == Speaker::assistant) return text(part, "refusal", at);
    if (type == "image_url" && speaker_ == Speaker::user) return image(part, at);
    if (type == "file" && speaker_ == Speaker::user) return file(part, at);
    if (type == "input_audio")
      return refuse(at + ".type", "is input_audio, and Claude does not hear", "send text");
    return refuse(at + ".type", "is no kind of part that this role can send",
                  "send text, or image_url or file as user");
  }

 private:
  Result<std::string> closed(Result<std::string> block, const json::object& part) {
    if (block) request_.close_block(*block, part);
    return block;
  }

  Result<std::string> text(const json::object& part, std::string_view name, const std::string& at) {
    auto known = check_members(part, {"type", name, "prompt_cache_breakpoint"}, at);
    if (!known) return fail(known);
    auto said = text_member(part, name, at);
    if (!said) return fail(said);
    if (said->empty()) return std::string();  // Claude takes no empty text
    return closed(text_block(*said), part);
  }

  Result<std::string> image(const json::object& part, const std::string& at) {
    auto known = check_members(part, {"type", "image_url", "prompt_cache_breakpoint"}, at);
    if (!known) return fail(known);
    const json::value* image = part.if_contains("image_url");
    const std::string field = at + ".image_url";
    if (image == nullptr || !image->is_object()) {
      return refuse(field, "must be an object with a url", "send {\"url\":\"https://…\"}");
    }
    known = check_members(image->get_object(), {"url", "detail"}, field);
    if (!known) return fail(known);
    if (!is_absent(image->get_object().if_contains("detail")))
      request_.leave_out("messages[].content[].image_url.detail");
    return closed(image_block(field + ".url", string_member(*image, "url")), part);
  }

  Result<std::string> file(const json::object& part, const std::string& at) {
    auto known = check_members(part, {"type", "file", "prompt_cache_breakpoint"}, at);
    if (!known) return fail(known);
    const json::value* file = part.if_contains("file");
    const std::string field = at + ".file";
    if (file == nullptr || !file->is_object()) {
      return refuse(field, "must be an object with file_data", "send the file as a data: URL");
    }
    if (!is_absent(file->get_object().if_contains("file_id"))) {
      return refuse(field + ".file_id", "names a file that Claude cannot see",
                    "send the file itself as file_data");
    }
    known = check_members(file->get_object(), {"file_data", "filename"}, field);
    if (!known) return fail(known);
    return closed(
        file_block(field + ".file_data", string_member(*file, "file_data"), string_member(*file, "filename")),
        part);
  }

  MessagesRequest& request_;
  Speaker speaker_;
};

// A message's content, a string or parts, as blocks given to take(block).
template <class Take>
Result<> read_content(const json::value* content, const std::string& at, PartReader parts, Take take) {
  if (is_absent(content)) return {};
  if (const auto* text = content->if_string()) {
    if (!text->empty()) take(text_block(*text) + '}');
    return {};
  }
  const auto* list = content->if_array();
  if (list == nullptr)
    return refuse(at, "must be a text or a list of parts", "send it as the API reference describes it");
  for (std::size_t k = 0; k < list->size(); ++k) {
    auto block = parts.read((*list)[k], at_index(at, k));
    if (!block) return fail(block);
    if (!block->empty()) take(std::move(*block));
  }
  return {};
}

Result<> read_tool_calls(const json::value& value, const std::string& at, MessagesRequest& request) {
  const auto* calls = value.if_array();
  if (calls == nullptr) return refuse(at, "must be a list", "send the calls as the model made them");
  for (std::size_t k = 0; k < calls->size(); ++k) {
    const std::string field = at_index(at, k);
    const json::value& call = (*calls)[k];
    const json::value* function = find_member(call, "function");
    const std::string_view type = string_member(call, "type");
    if (function == nullptr || !function->is_object() || (!type.empty() && type != "function")) {
      return refuse(field + ".type", "is no function call", "Claude's tools are functions");
    }
    // Clients send the index along that streamed calls have.
    auto known = check_members(call.get_object(), {"id", "type", "function", "index"}, field);
    if (known) known = check_members(function->get_object(), {"name", "arguments"}, field + ".function");
    if (!known) return known;
    auto arguments = text_member(function->get_object(), "arguments", field + ".function");
    if (!arguments) return fail(arguments);
    auto added = request.conversation.tool_call(field, string_member(call, "id"),
                                                string_member(*function, "name"), *arguments);
    if (!added) return added;
  }
  return {};
}

Result<> read_assistant(const json::object& message, const std::string& at, MessagesRequest& request) {
  auto known = check_members(
      message, {"role", "content", "name", "refusal", "tool_calls", "annotations", "reasoning_content"}, at);
  if (!known) return known;
  // Thinking can be sent back only with its signature, which Chat Completions has no place for.
  for (const std::string_view name : {"annotations", "reasoning_content"}) {
    const json::value* value = message.if_contains(name);
    if (value != nullptr && !asks_nothing(*value)) request.leave_out("messages[]." + std::string(name));
  }
  const auto take = [&](const std::string& block) { request.conversation.assistant(block); };
  auto read =
      read_content(message.if_contains("content"), at + ".content", {request, Speaker::assistant}, take);
  if (!read) return read;
  auto refusal = text_member(message, "refusal", at);
  if (!refusal) return fail(refusal);
  if (!refusal->empty()) take(text_block(*refusal) + '}');
  const json::value* calls = message.if_contains("tool_calls");
  return is_absent(calls) ? Result<>() : read_tool_calls(*calls, at + ".tool_calls", request);
}

Result<> read_tool(const json::object& message, const std::string& at, MessagesRequest& request) {
  auto known = check_members(message, {"role", "content", "tool_call_id", "name"}, at);
  if (!known) return known;
  auto id = text_member(message, "tool_call_id", at);
  if (!id) return fail(id);
  std::string blocks;
  auto read =
      read_content(message.if_contains("content"), at + ".content", {request, Speaker::tool},
                   [&](const std::string& block) { (blocks += blocks.empty() ? '[' : ',') += block; });
  if (!read) return read;
  if (!blocks.empty()) blocks += ']';
  return request.conversation.tool_result(at + ".tool_call_id", *id, blocks);
}

Result<> read_message(const json::value& value, const std::string& at, MessagesRequest& request) {
  auto object = object_at(value, at);
  if (!object) return fail(object);
  const json::object& message = **object;
  const std::string_view role = string_member(value, "role");
  if (role == "assistant") return read_assistant(message, at, request);
  if (role == "tool") return read_tool(message, at, request);
  const bool is_user = role == "user";
  if (!is_user && role != "system" && role != "developer") {
    return refuse(
        at + ".role", "must be system, developer, user, assistant or tool",
        role == "function" ? "send tool messages instead" : "send it as the API reference describes it");
  }
  auto known = check_members(message, {"role", "content", "name"}, at);
  if (!known) return known;
  if (is_absent(message.if_contains("content"))) {
    return refuse(at + ".content", "is missing", "send a text or a list of parts");
  }
  return read_content(message.if_contains("content"), at + ".content",
                      {request, is_user ? Speaker::user : Speaker::system}, [&](const std::string& block) {
                        is_user ? request.conversation.user(block) : request.conversation.system(block);
                      });
}

}  // namespace

Result<> read_chat_messages(const json::array& messages, MessagesRequest& request) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto read = read_message(messages[i], at_index("messages", i), request);
    if (!read) return read;
    if (!string_member(messages[i], "name").empty()) request.leave_out("messages[].name");
  }
  return {};
}

}  // namespace weir::model::inbound

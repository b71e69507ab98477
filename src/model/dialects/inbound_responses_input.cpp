#include "model/dialects/inbound_responses_input.h"

#include <string>
#include <utility>

#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_media.h"
#include "model/dialects/inbound_reasoning.h"

namespace weir::model::inbound {
namespace {

enum class Speaker : std::uint8_t { system, user, assistant };

// One part of a content array as a finished block; empty: a part that says nothing.
class PartReader {
 public:
  PartReader(MessagesRequest& request, Speaker speaker) : request_(request), speaker_(speaker) {}

  Result<std::string> read(const json::value& value, const std::string& at) {
    auto object = object_at(value, at);
    if (!object) return fail(object);
    const json::object& part = **object;
    const std::string_view type = string_member(value, "type");
    if (type == "input_text" || type == "output_text") return text(part, "text", at);
    if (type == "refusal" && speaker_ == Speaker::assistant) return text(part, "refusal", at);
    if (type == "input_image" && speaker_ == Speaker::user) return image(part, at);
    if (type == "input_file" && speaker_ == Speaker::user) return file(part, at);
    if (type == "input_audio")
      return refuse(at + ".type", "is input_audio, and Claude does not hear", "send text");
    return refuse(at + ".type", "is no kind of part that this role can send",
                  "send input_text, or input_image or input_file as user");
  }

 private:
  Result<std::string> closed(Result<std::string> block, const json::object& part) {
    if (block) request_.close_block(*block, part);
    return block;
  }

  // detail and file_id, which images and files share.
  Result<> check_media(const json::object& part, const std::string& at,
                       std::initializer_list<std::string_view> known) {
    if (!is_absent(part.if_contains("file_id"))) {
      return refuse(at + ".file_id", "names a file that Claude cannot see",
                    "send the file itself, or an https address");
    }
    if (!is_absent(part.if_contains("detail"))) request_.leave_out("input[].content[].detail");
    return check_members(part, known, at);
  }

  Result<std::string> text(const json::object& part, std::string_view name, const std::string& at) {
    auto known =
        check_members(part, {"type", name, "annotations", "logprobs", "prompt_cache_breakpoint"}, at);
    if (!known) return fail(known);
    const json::value* annotations = part.if_contains("annotations");
    if (annotations != nullptr && !asks_nothing(*annotations))
      request_.leave_out("input[].content[].annotations");
    auto said = text_member(part, name, at);
    if (!said) return fail(said);
    if (said->empty()) return std::string();  // Claude takes no empty text
    return closed(text_block(*said), part);
  }

  Result<std::string> image(const json::object& part, const std::string& at) {
    auto known = check_media(part, at, {"type", "image_url", "detail", "prompt_cache_breakpoint"});
    if (!known) return fail(known);
    auto url = text_member(part, "image_url", at);
    if (!url) return fail(url);
    return closed(image_block(at + ".image_url", *url), part);
  }

  Result<std::string> file(const json::object& part, const std::string& at) {
    auto known = check_media(
        part, at, {"type", "file_data", "file_url", "filename", "detail", "prompt_cache_breakpoint"});
    if (!known) return fail(known);
    auto data = text_member(part, "file_data", at);
    auto url = text_member(part, "file_url", at);
    auto name = text_member(part, "filename", at);
    if (!data) return fail(data);
    if (!url) return fail(url);
    if (!name) return fail(name);
    if (data->empty()) return closed(file_url_block(at + ".file_url", *url, *name), part);
    return closed(file_block(at + ".file_data", *data, *name), part);
  }

  MessagesRequest& request_;
  Speaker speaker_;
};

// A content, a string or parts, as blocks given to take(block).
template <class Take>
Result<> read_content(const json::value* content, const std::string& at, PartReader parts, Take take) {
  const auto* text = content == nullptr ? nullptr : content->if_string();
  const auto* list = content == nullptr ? nullptr : content->if_array();
  if (text == nullptr && list == nullptr) {
    return refuse(at, "must be a text or a list of parts", "send it as the API reference describes it");
  }
  if (text != nullptr && !text->empty()) take(text_block(*text) + '}');
  for (std::size_t k = 0; list != nullptr && k < list->size(); ++k) {
    auto block = parts.read((*list)[k], at_index(at, k));
    if (!block) return fail(block);
    if (!block->empty()) take(std::move(*block));
  }
  return {};
}

Result<> read_message(const json::object& item, const std::string& at, MessagesRequest& request) {
  auto known = check_members(item, {"type", "id", "status", "phase", "role", "content"}, at);
  if (!known) return known;
  const std::string_view role = string_member(item, "role");
  const Speaker speaker = role == "user"        ? Speaker::user
                          : role == "assistant" ? Speaker::assistant
                                                : Speaker::system;
  if (speaker == Speaker::system && role != "system" && role != "developer") {
    return refuse(at + ".role", "must be system, developer, user or assistant",
                  "send it as the API reference describes it");
  }
  return read_content(item.if_contains("content"), at + ".content", {request, speaker},
                      [&](const std::string& block) {
                        Conversation& conversation = request.conversation;
                        if (speaker == Speaker::system) conversation.system(block);
                        if (speaker == Speaker::user) conversation.user(block);
                        if (speaker == Speaker::assistant) conversation.assistant(block);
                      });
}

Result<> read_call(const json::object& item, const std::string& at, MessagesRequest& request) {
  auto known = check_members(item, {"type", "id", "status", "call_id", "name", "arguments"}, at);
  if (!known) return known;
  auto arguments = text_member(item, "arguments", at);
  if (!arguments) return fail(arguments);
  return request.conversation.tool_call(at, string_member(item, "call_id"), string_member(item, "name"),
                                        *arguments);
}

Result<> read_call_output(const json::object& item, const std::string& at, MessagesRequest& request) {
  auto known = check_members(item, {"type", "id", "status", "call_id", "name", "output"}, at);
  if (!known) return known;
  std::string blocks;
  auto read =
      read_content(item.if_contains("output"), at + ".output", {request, Speaker::user},
                   [&](const std::string& block) { (blocks += blocks.empty() ? '[' : ',') += block; });
  if (!read) return read;
  if (!blocks.empty()) blocks += ']';
  return request.conversation.tool_result(at + ".call_id", string_member(item, "call_id"), blocks);
}

Result<> read_reasoning(const json::object& item, const std::string& at, MessagesRequest& request) {
  auto known = check_members(item, {"type", "id", "status", "summary", "content", "encrypted_content"}, at);
  if (!known) return known;
  const std::string_view sealed = string_member(item, "encrypted_content");
  if (sealed.starts_with(kRedactedMark)) {
    request.conversation.assistant(R"({"type":"redacted_thinking","data":)" +
                                   quoted(sealed.substr(kRedactedMark.size())) + '}');
  } else if (sealed.starts_with(kSignatureMark)) {
    std::string text;
    const json::value* summary = item.if_contains("summary");
    const auto* parts = summary == nullptr ? nullptr : summary->if_array();
    for (std::size_t k = 0; parts != nullptr && k < parts->size(); ++k)
      text += string_member((*parts)[k], "text");
    request.conversation.assistant(R"({"type":"thinking","thinking":)" + quoted(text) + R"(,"signature":)" +
                                   quoted(sealed.substr(kSignatureMark.size())) + '}');
  } else {
    request.leave_out("input[].reasoning");
  }
  return {};
}

Result<> read_item(const json::value& value, const std::string& at, MessagesRequest& request) {
  auto object = object_at(value, at);
  if (!object) return fail(object);
  const json::object& item = **object;
  const std::string_view type = string_member(value, "type");
  if (type == "message" || (type.empty() && item.contains("role"))) return read_message(item, at, request);
  if (type == "function_call") return read_call(item, at, request);
  if (type == "function_call_output") return read_call_output(item, at, request);
  if (type == "reasoning") return read_reasoning(item, at, request);
  // What these found stands in the assistant's text after them.
  if (type == "web_search_call" || type == "file_search_call") {
    request.leave_out("input[]." + std::string(type));
    return {};
  }
  if (type == "item_reference") {
    return refuse(at + ".type", "refers to a stored item, and nothing is stored", "send the item itself");
  }
  return refuse(at + ".type", "is no kind of item that can be shown to Claude",
                "send messages, function calls and their outputs");
}

}  // namespace

Result<> read_responses_input(const json::value& input, MessagesRequest& request) {
  if (const auto* text = input.if_string()) {
    if (!text->empty()) request.conversation.user(text_block(*text) + '}');
    return {};
  }
  const auto* items = input.if_array();
  if (items == nullptr)
    return refuse("input", "must be a text or a list of items", "send at least one message");
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto read = read_item((*items)[i], at_index("input", i), request);
    if (!read) return read;
  }
  return {};
}

}  // namespace weir::model::inbound

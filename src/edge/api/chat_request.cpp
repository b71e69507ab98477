#include "edge/api/chat_request.h"

#include "base/text.h"
#include "edge/api/body.h"

namespace weir::edge {
namespace {

constexpr std::size_t kChatIdSizeMax = 256;

Result<> check_length(std::string_view text, std::size_t chars_max, std::string_view field) {
  const std::string hint = "send 1 to " + std::to_string(chars_max) + " characters";
  // A provider refuses a text of nothing but white space as it does an empty one.
  if (trim(text).empty()) return bad_field(field, std::string(field) + " is empty", hint);
  // A code point has at least one byte: most texts need no counting.
  if (text.size() <= chars_max) return {};
  const std::size_t chars = count_code_points(text);
  if (chars <= chars_max) return {};
  return bad_field(field, std::string(field) + " has " + std::to_string(chars) + " characters", hint);
}

Result<app::Role> read_role(const json::value& turn, std::string_view field) {
  const std::string_view role = string_member(turn, "role");
  if (role == "user") return app::Role::user;
  if (role == "assistant") return app::Role::assistant;
  return bad_field(field, "the role of a turn must be \"user\" or \"assistant\"");
}

Result<std::vector<app::Turn>> read_history(const json::value& value) {
  const json::array* turns = value.if_array();
  if (turns == nullptr) return bad_field("history", "history must be an array of {role, text}");
  std::vector<app::Turn> history;
  for (const json::value& turn : *turns) {
    auto role = read_role(turn, "history");
    if (!role) return fail(role);
    const std::string_view text = string_member(turn, "text");
    if (text.empty()) return bad_field("history", "each turn of the history needs a text");
    history.push_back({*role, std::string(text)});
  }
  return history;
}

// The text of one of the AI SDK's messages: its text parts; tool calls, files and sources are not text.
std::string text_of_parts(const json::value& message) {
  std::string text;
  const json::value* parts = find_member(message, "parts");
  if (parts == nullptr || !parts->is_array()) return text;
  for (const json::value& part : parts->get_array()) {
    if (string_member(part, "type") == "text") text += string_member(part, "text");
  }
  return text;
}

Result<ChatRequest> read_ui_messages(const json::value& value, std::size_t chars_max) {
  const json::array* messages = value.if_array();
  if (messages == nullptr || messages->empty()) {
    return bad_field("messages", "messages must be an array with at least one message");
  }
  ChatRequest request;
  request.reply = ChatReply::ui_stream;
  for (const json::value& message : *messages) {
    if (string_member(message, "role") == "system")
      continue;  // instructions are the operator's, not the page's
    auto role = read_role(message, "messages");
    if (!role) return fail(role);
    std::string text = text_of_parts(message);
    if (&message == &messages->back()) {
      if (*role != app::Role::user) return bad_field("messages", "the last message must be the user's");
      if (auto length = check_length(text, chars_max, "messages"); !length) return fail(length);
      request.question.text = std::move(text);
    } else if (!text.empty()) {
      request.question.history.push_back({*role, std::move(text)});
    }
  }
  if (request.question.text.empty()) return bad_field("messages", "the last message must be the user's");
  return request;
}

}  // namespace

Result<ChatRequest> read_chat_request(const json::object& body, std::string_view accept,
                                      std::size_t chars_max) {
  if (const json::value* messages = body.if_contains("messages")) {
    auto request = read_ui_messages(*messages, chars_max);
    if (!request) return request;
    auto id = optional_string(body, "id");
    if (!id) return fail(id);
    if (*id != nullptr && (*id)->size() > kChatIdSizeMax) {
      return bad_field("id", "the chat's id is longer than " + std::to_string(kChatIdSizeMax) + " bytes");
    }
    if (*id != nullptr) request->chat_id = **id;
    return request;
  }

  ChatRequest request;
  const json::value* message = body.if_contains("message");
  if (message == nullptr)
    return bad_field("message", "message is missing", "send {\"message\": \"your question\"}");
  if (!message->is_string()) return bad_field("message", "message must be a string");
  request.question.text = message->get_string();
  if (auto length = check_length(request.question.text, chars_max, "message"); !length) return fail(length);

  if (const json::value* history = body.if_contains("history"); history != nullptr && !history->is_null()) {
    auto turns = read_history(*history);
    if (!turns) return fail(turns);
    request.question.history = *std::move(turns);
  }
  bool stream = accept.contains("text/event-stream");
  if (const json::value* wanted = body.if_contains("stream"); wanted != nullptr && !wanted->is_null()) {
    if (!wanted->is_bool()) return bad_field("stream", "stream must be true or false");
    stream = wanted->get_bool();  // the body is the more explicit of the two
  }
  if (stream) request.reply = ChatReply::events;
  return request;
}

}  // namespace weir::edge

#include "model/dialects/messages_to_chat_content.h"

#include <algorithm>
#include <utility>

namespace weir::model {
namespace {

// The first system block of Claude Code: meant for Anthropic's billing, and new for each conversation, so
// that it would keep the prompt from being cached.
constexpr std::string_view kBillingHeader = "x-anthropic-billing-header:";

std::string element(const std::string& where, std::size_t index) {
  return where + "[" + std::to_string(index) + "]";
}

std::unexpected<Error> refuse_block(const std::string& where, std::string_view type) {
  return refuse_field(where + ".type",
                      "content of type \"" + std::string(type) + "\" cannot be sent to this model's provider",
                      "send text, images, PDF documents, tool_use and tool_result, or ask a Claude model");
}

bool is_true(const json::value* value) {
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object text_part(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

// One text stands as a string, which every provider understands; all else as parts.
json::value content_of(json::array parts) {
  if (parts.size() == 1 && string_member(parts[0], "type") == "text")
    return json::value(string_member(parts[0], "text"));
  return parts;
}

bool is_text(const json::value& part) {
  return string_member(part, "type") == "text";
}

}  // namespace

std::unexpected<Error> refuse_field(std::string field, std::string message, std::string hint) {
  Error error(Code::invalid_request, std::move(message), std::move(hint));
  error.field = std::move(field);
  return fail(std::move(error));
}

void LeftOut::add(std::string_view name) {
  if (std::ranges::find(names_, name) == names_.end()) names_.emplace_back(name);
}

void ChatMessages::note_caching(const json::value& block) {
  const json::value* control = find_member(block, "cache_control");
  if (control != nullptr && !control->is_null()) left_out_.add("cache_control");
}

// A string, or the texts of blocks.
Result<std::string> ChatMessages::joined_text(const json::value& content, const std::string& where) {
  if (content.is_string()) return std::string(content.get_string());
  if (!content.is_array())
    return refuse_field(where, where + " must be a string or a list of blocks", "send text");
  std::string out;
  for (std::size_t i = 0; i < content.get_array().size(); ++i) {
    const json::value& block = content.get_array()[i];
    if (!is_text(block)) return refuse_block(element(where, i), string_member(block, "type"));
    note_caching(block);
    const std::string_view text = string_member(block, "text");
    if (text.starts_with(kBillingHeader)) {
      left_out_.add("x-anthropic-billing-header");
      continue;
    }
    if (!out.empty()) out += "\n\n";
    out += text;
  }
  return out;
}

Result<> ChatMessages::add_system(const json::value& system, std::string_view where) {
  auto text = joined_text(system, std::string(where));
  if (!text) return fail(text);
  if (!text->empty()) messages_.push_back(json::object{{"role", "system"}, {"content", *text}});
  return {};
}

Result<> ChatMessages::add_turns(const json::value& messages) {
  if (!messages.is_array() || messages.get_array().empty()) {
    return refuse_field("messages", "messages must be a list of at least one turn", "send a user message");
  }
  const json::array& turns = messages.get_array();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    auto added = add_turn(turns[i], element("messages", i));
    if (!added) return added;
  }
  if (string_member(turns.back(), "role") == "assistant") {
    return refuse_field(element("messages", turns.size() - 1),
                        "this model's provider cannot continue an assistant turn", "end with a user turn");
  }
  return {};
}

Result<> ChatMessages::add_turn(const json::value& message, const std::string& where) {
  const std::string_view role = string_member(message, "role");
  const json::value* content = find_member(message, "content");
  if (content == nullptr)
    return refuse_field(where + ".content", where + " has no content", "send text or blocks");
  if (role == "user") return add_user(*content, where + ".content");
  if (role == "assistant") return add_assistant(*content, where + ".content");
  if (role == "system") return add_system(*content, where + ".content");
  return refuse_field(where + ".role", "role must be user, assistant or system", "name who speaks");
}

Result<> ChatMessages::add_user(const json::value& content, const std::string& where) {
  if (content.is_string()) {
    messages_.push_back(json::object{{"role", "user"}, {"content", content}});
    return {};
  }
  if (!content.is_array())
    return refuse_field(where, where + " must be a string or a list of blocks", "send text");
  UserTurn turn;
  for (std::size_t i = 0; i < content.get_array().size(); ++i) {
    auto added = add_user_block(content.get_array()[i], element(where, i), turn);
    if (!added) return added;
  }
  for (json::value& result : turn.results) messages_.push_back(std::move(result));
  if (!turn.parts.empty()) {
    messages_.push_back(json::object{{"role", "user"}, {"content", content_of(std::move(turn.parts))}});
  }
  return {};
}

Result<> ChatMessages::add_user_block(const json::value& block, const std::string& where, UserTurn& turn) {
  note_caching(block);
  if (string_member(block, "type") == "tool_result") return add_tool_result(block, where, turn);
  return add_part(block, where, turn.parts);
}

// What may stand in a user's turn as well as in a tool's result or a document.
Result<> ChatMessages::add_part(const json::value& block, const std::string& where, json::array& parts) {
  note_caching(block);
  const std::string_view type = string_member(block, "type");
  if (type == "text") {
    parts.push_back(text_part(string_member(block, "text")));
    return {};
  }
  if (type == "image") return add_image(block, where, parts);
  if (type == "document") return add_document(block, where, parts);
  if (type == "search_result") return add_search_result(block, where, parts);
  if (type == "thinking" || type == "redacted_thinking") {
    left_out_.add("thinking");
    return {};
  }
  return refuse_block(where, type);
}

Result<> ChatMessages::add_image(const json::value& block, const std::string& where, json::array& parts) {
  const json::value* source = find_member(block, "source");
  const std::string_view type = source == nullptr ? std::string_view() : string_member(*source, "type");
  std::string url;
  if (type == "base64") {
    url.append("data:")
        .append(string_member(*source, "media_type"))
        .append(";base64,")
        .append(string_member(*source, "data"));
  } else if (type == "url") {
    url = string_member(*source, "url");
  } else {
    return refuse_field(
        where + ".source",
        "an image of source \"" + std::string(type) + "\" cannot be sent to this model's provider",
        "send the image itself as base64, or its URL");
  }
  if (find_member(block, "transformations") != nullptr) left_out_.add("transformations");
  parts.push_back(json::object{{"type", "image_url"}, {"image_url", json::object{{"url", url}}}});
  return {};
}

Result<> ChatMessages::add_document(const json::value& block, const std::string& where, json::array& parts) {
  const json::value* citations = find_member(block, "citations");
  if (citations != nullptr && is_true(find_member(*citations, "enabled"))) {
    return refuse_field(where + ".citations", "this model's provider gives no citations",
                        "leave citations out, or ask a Claude model");
  }
  const std::string_view title = string_member(block, "title");
  const std::string_view context = string_member(block, "context");
  const json::value* source = find_member(block, "source");
  const std::string_view type = source == nullptr ? std::string_view() : string_member(*source, "type");
  std::string heading(title);
  if (!context.empty()) heading.append(heading.empty() ? "" : "\n").append(context);
  if (type == "base64") {
    if (!context.empty()) parts.push_back(text_part(context));
    std::string data = "data:";
    data.append(string_member(*source, "media_type"))
        .append(";base64,")
        .append(string_member(*source, "data"));
    const std::string_view name = title.empty() ? std::string_view("document.pdf") : title;
    parts.push_back(
        json::object{{"type", "file"}, {"file", json::object{{"filename", name}, {"file_data", data}}}});
    return {};
  }
  if (type != "text" && type != "content") {
    return refuse_field(
        where + ".source",
        "a document of source \"" + std::string(type) + "\" cannot be sent to this model's provider",
        "send the document itself, as base64 or text");
  }
  if (!heading.empty()) parts.push_back(text_part(heading));
  if (type == "text") {
    parts.push_back(text_part(string_member(*source, "data")));
    return {};
  }
  const json::value* content = find_member(*source, "content");
  if (content != nullptr && content->is_string()) parts.push_back(text_part(content->get_string()));
  if (content == nullptr || !content->is_array()) return {};
  for (std::size_t i = 0; i < content->get_array().size(); ++i) {
    const json::value& inner = content->get_array()[i];
    const std::string at = element(where + ".source.content", i);
    if (!is_text(inner) && string_member(inner, "type") != "image")
      return refuse_block(at, string_member(inner, "type"));
    auto added = add_part(inner, at, parts);
    if (!added) return added;
  }
  return {};
}

Result<> ChatMessages::add_search_result(const json::value& block, const std::string& where,
                                         json::array& parts) {
  const json::value* citations = find_member(block, "citations");
  if (citations != nullptr && is_true(find_member(*citations, "enabled"))) {
    return refuse_field(where + ".citations", "this model's provider gives no citations",
                        "leave citations out, or ask a Claude model");
  }
  const json::value* content = find_member(block, "content");
  auto text =
      content == nullptr ? Result<std::string>(std::string()) : joined_text(*content, where + ".content");
  if (!text) return fail(text);
  std::string whole;
  whole.append(string_member(block, "title"))
      .append("\n")
      .append(string_member(block, "source"))
      .append("\n\n")
      .append(*text);
  parts.push_back(text_part(whole));
  return {};
}

// Texts of a result are one text; what is no text follows in the user's turn, announced in both places.
Result<> ChatMessages::add_tool_result(const json::value& block, const std::string& where, UserTurn& turn) {
  const std::string_view id = string_member(block, "tool_use_id");
  if (id.empty())
    return refuse_field(where + ".tool_use_id", where + " names no tool_use",
                        "send the id of the tool_use that it answers");
  std::string text;
  const json::value* content = find_member(block, "content");
  if (content != nullptr && content->is_string()) text = content->get_string();
  if (content != nullptr && content->is_array()) {
    json::array parts;
    for (std::size_t i = 0; i < content->get_array().size(); ++i) {
      auto added = add_part(content->get_array()[i], element(where + ".content", i), parts);
      if (!added) return added;
    }
    int attached = 0;
    for (json::value& part : parts) {
      if (!text.empty()) text += "\n\n";
      if (is_text(part)) {
        text += string_member(part, "text");
        continue;
      }
      std::string name = "attachment " + std::to_string(++attached) + " of the result of ";
      name += id;
      text += "[" + name + " follows in the next user message]";
      turn.parts.push_back(text_part("[" + name + "]"));
      turn.parts.push_back(std::move(part));
    }
  }
  if (is_true(find_member(block, "is_error"))) text = text.empty() ? "Error" : "Error: " + text;
  turn.results.push_back(json::object{{"role", "tool"}, {"tool_call_id", id}, {"content", text}});
  return {};
}

Result<> ChatMessages::add_assistant(const json::value& content, const std::string& where) {
  if (content.is_string()) {
    messages_.push_back(json::object{{"role", "assistant"}, {"content", content}});
    return {};
  }
  if (!content.is_array())
    return refuse_field(where, where + " must be a string or a list of blocks", "send text");
  std::string text;
  json::array calls;
  bool after_text = false;  // blocks that follow each other are one text, as citations had cut it
  for (std::size_t i = 0; i < content.get_array().size(); ++i) {
    const json::value& block = content.get_array()[i];
    const std::string_view type = string_member(block, "type");
    note_caching(block);
    if (type == "text") {
      if (!after_text && !text.empty()) text += "\n\n";
      text += string_member(block, "text");
    } else if (type == "tool_use") {
      auto call = tool_call(block, element(where, i));
      if (!call) return fail(call);
      calls.push_back(*std::move(call));
    } else if (type == "thinking" || type == "redacted_thinking") {
      left_out_.add("thinking");
    } else {
      return refuse_block(element(where, i), type);
    }
    after_text = type == "text";
  }
  if (text.empty() && calls.empty()) return {};  // it was all thinking
  json::object message{{"role", "assistant"}, {"content", nullptr}};
  if (!text.empty()) message["content"] = text;
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  messages_.push_back(std::move(message));
  return {};
}

Result<json::value> ChatMessages::tool_call(const json::value& block, const std::string& where) {
  const std::string_view id = string_member(block, "id");
  const std::string_view name = string_member(block, "name");
  if (id.empty() || name.empty())
    return refuse_field(where, where + " lacks its id or name", "send the tool_use as the model gave it");
  const json::value* input = find_member(block, "input");
  const std::string arguments = input == nullptr || !input->is_object() ? "{}" : to_json(*input);
  return json::object{
      {"id", id}, {"type", "function"}, {"function", json::object{{"name", name}, {"arguments", arguments}}}};
}

}  // namespace weir::model

#include "model/json_span.h"

#include <boost/json.hpp>

namespace weir::model {
namespace {

std::size_t skip_space(std::string_view text, std::size_t at) {
  const std::size_t next = text.find_first_not_of(" \t\r\n", at);
  return next == std::string_view::npos ? text.size() : next;
}

// After the closing quote of the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0) {
      const std::size_t end = text.find_first_of(" \t\r\n,]}", at);
      return end == std::string_view::npos ? text.size() : end;
    } else {
      const std::size_t next = text.find_first_of("\"{}[]", at);
      if (next == std::string_view::npos) return text.size();
      at = next;
      continue;
    }
    if (depth == 0) return at;
  }
  return text.size();
}

}  // namespace

bool for_each_member(std::string_view text, const std::function<bool(const JsonMember&)>& on_member) {
  std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != '{') return false;
  at = skip_space(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t name_end = skip_string(text, at);
    if (name_end < at + 2) return false;
    JsonMember member{.name = text.substr(at + 1, name_end - at - 2), .value = {}};
    at = skip_space(text, name_end);
    if (at >= text.size() || text[at] != ':') return false;
    at = skip_space(text, at + 1);
    const std::size_t end = skip_value(text, at);
    member.value = text.substr(at, end - at);
    if (!on_member(member)) return true;
    at = skip_space(text, end);
    if (at >= text.size() || text[at] != ',') break;
    at = skip_space(text, at + 1);
  }
  return true;
}

bool for_each_element(std::string_view text, const std::function<bool(std::string_view)>& on_element) {
  std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != '[') return false;
  at = skip_space(text, at + 1);
  while (at < text.size() && text[at] != ']') {
    const std::size_t end = skip_value(text, at);
    if (end == at || !on_element(text.substr(at, end - at))) return true;
    at = skip_space(text, end);
    if (at >= text.size() || text[at] != ',') break;
    at = skip_space(text, at + 1);
  }
  return true;
}

bool json_text_is(std::string_view raw, std::string_view word) {
  if (raw.find('\\') == std::string_view::npos) return raw == word;
  boost::system::error_code problem;
  const auto value = boost::json::parse('"' + std::string(raw) + '"', problem);
  return !problem && value.is_string() && std::string_view(value.get_string()) == word;
}

std::optional<std::string_view> find_json_member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  for_each_member(object, [&](const JsonMember& member) {
    if (json_text_is(member.name, name)) found = member.value;
    return !found.has_value();
  });
  return found;
}

bool json_string_is(std::string_view value, std::string_view word) {
  return value.size() >= 2 && value.front() == '"' && json_text_is(value.substr(1, value.size() - 2), word);
}

}  // namespace weir::model

#include "ops/replay/match.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <vector>

#include "base/text.h"

namespace weir::ops::replay {
namespace {

constexpr std::size_t kJsonDepthMax = 512;
constexpr std::size_t kShownSizeMax = 120;  // of a value in a difference

constexpr std::array<std::string_view, 8> kVolatileMembers{
    "user_id",           "session_id",       "request_id", "user",
    "safety_identifier", "prompt_cache_key", "created_at", "timestamp"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Whether `text` begins with the shape: 9 a digit, x a hexadecimal one, everything else itself.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == '9'   ? is_digit(text[i])
                      : shape[i] == 'x' ? is_hex(text[i])
                                        : text[i] == shape[i];
    if (!fits) return false;
  }
  return true;
}

// "toolu_01ABC…", "msg_…", "call_…", "req_…": letters, an underscore, and at least 12 letters and digits
// among which is a digit. Its size; 0: none.
std::size_t id_at(std::string_view text) {
  std::size_t word = 0;
  while (word < text.size() && text[word] >= 'a' && text[word] <= 'z') ++word;
  if (word < 2 || word > 16 || word == text.size() || text[word] != '_') return 0;
  std::size_t end = word + 1;
  bool digit = false;
  while (end < text.size() && is_letter_or_digit(text[end])) digit = is_digit(text[end++]) || digit;
  return end - word > 12 && digit ? end : 0;
}

std::size_t date_at(std::string_view text) {
  if (!has_shape(text, "9999-99-99")) return 0;
  std::size_t size = 10;
  if (size < text.size() && (text[size] == 'T' || text[size] == ' ') &&
      has_shape(text.substr(size + 1), "99:99")) {
    size += 6;
    if (has_shape(text.substr(size), ":99")) size += 3;
    if (size + 1 < text.size() && text[size] == '.' && is_digit(text[size + 1])) {
      ++size;
      while (size < text.size() && is_digit(text[size])) ++size;
    }
    if (size < text.size() && text[size] == 'Z') {
      ++size;
    } else if (has_shape(text.substr(size), "+99:99") || has_shape(text.substr(size), "-99:99")) {
      size += 6;
    }
  }
  return size;
}

json::value normal_json(const json::value& value) {
  if (const auto* const text = value.if_string()) return json::string(without_volatile_parts(*text));
  if (const auto* const list = value.if_array()) {
    json::array out;
    for (const json::value& one : *list) out.push_back(normal_json(one));
    return out;
  }
  const auto* const object = value.if_object();
  if (object == nullptr) return value;
  std::map<std::string_view, const json::value*> sorted;
  for (const auto& [name, member] : *object) {
    if (std::ranges::find(kVolatileMembers, std::string_view(name)) == kVolatileMembers.end())
      sorted.emplace(name, &member);
  }
  json::object out;
  for (const auto& [name, member] : sorted) out.emplace(name, normal_json(*member));
  return out;
}

// The boundary is made up for each form.
std::string normal_form_body(const data::CassetteRequest& request) {
  const std::string_view type = request.headers.get("content-type");
  const std::size_t at = type.find("boundary=");
  if (at == type.npos) return without_volatile_parts(request.body);
  std::string_view boundary = type.substr(at + 9);
  boundary = trim(boundary.substr(0, boundary.find(';')));
  if (boundary.size() >= 2 && boundary.starts_with('"')) boundary = boundary.substr(1, boundary.size() - 2);
  std::string out;
  std::string_view rest = request.body;
  for (std::size_t found = 0; !boundary.empty() && (found = rest.find(boundary)) != rest.npos;) {
    out += std::string(rest.substr(0, found)) + "<boundary>";
    rest.remove_prefix(found + boundary.size());
  }
  return out + std::string(rest);
}

std::string normal_line(const data::CassetteRequest& request, MatchMode mode) {
  if (mode == MatchMode::strict) return request.method + " " + request.path;
  const std::size_t question = request.path.find('?');
  std::string line =
      request.method + " " + without_volatile_parts(std::string_view(request.path).substr(0, question));
  if (question == std::string::npos) return line;
  std::vector<std::string> pairs;
  for (const std::string_view pair : split(std::string_view(request.path).substr(question + 1), '&'))
    pairs.push_back(without_volatile_parts(pair));
  std::ranges::sort(pairs);
  char separator = '?';
  for (const std::string& pair : pairs) line += std::exchange(separator, '&') + pair;
  return line;
}

std::string normal_headers(const net::Headers& headers) {
  std::string out;
  for (const std::string_view name : {"anthropic-version", "anthropic-beta", "openai-beta", "range"}) {
    std::set<std::string_view> parts;  // a list of betas has no order
    const std::string value = headers.joined(name);
    for (const std::string_view part : split(value, ',')) {
      if (!trim(part).empty()) parts.insert(trim(part));
    }
    if (parts.empty()) continue;
    out += std::string(name) + ":";
    for (const std::string_view part : parts) out += " " + std::string(part);
    out += '\n';
  }
  const std::string_view type = headers.get("content-type");
  if (!type.empty()) out += "content-type: " + to_lower(trim(type.substr(0, type.find(';')))) + '\n';
  return out;
}

std::string shown(std::string_view text) {
  if (text.size() <= kShownSizeMax) return std::string(text);
  return std::string(first_code_points(text, kShownSizeMax)) + "…";
}

void note(Difference& found, const std::string& path, std::string_view asked, std::string_view recorded) {
  if (found.count++ == 0)
    found.first = (path.empty() ? "body" : path) + ": " + shown(asked) + " instead of " + shown(recorded);
}

void compare(const json::value& asked, const json::value& recorded, const std::string& path,
             Difference& found) {
  const auto* const a = asked.if_object();
  const auto* const b = recorded.if_object();
  if (a != nullptr && b != nullptr) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& [name, value] : *a) {
      const std::string its_path = prefix + std::string(name);
      const json::value* const other = b->if_contains(name);
      other == nullptr ? note(found, its_path, json::serialize(value), "nothing")
                       : compare(value, *other, its_path, found);
    }
    for (const auto& [name, value] : *b) {
      if (!a->contains(name)) note(found, prefix + std::string(name), "nothing", json::serialize(value));
    }
    return;
  }
  const auto* const c = asked.if_array();
  const auto* const d = recorded.if_array();
  if (c != nullptr && d != nullptr) {
    for (std::size_t i = 0; i < std::max(c->size(), d->size()); ++i) {
      const std::string its_path = path + "[" + std::to_string(i) + "]";
      if (i >= c->size()) {
        note(found, its_path, "nothing", json::serialize((*d)[i]));
      } else if (i >= d->size()) {
        note(found, its_path, json::serialize((*c)[i]), "nothing");
      } else {
        compare((*c)[i], (*d)[i], its_path, found);
      }
    }
    return;
  }
  if (asked != recorded) note(found, path, json::serialize(asked), json::serialize(recorded));
}

}  // namespace

std::string without_volatile_parts(std::string_view text) {
  constexpr std::string_view kUuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || !is_letter_or_digit(text[at - 1]);
    const std::string_view rest = text.substr(at);
    if (begins && has_shape(rest, kUuid)) {
      out += "<uuid>";
      at += kUuid.size();
    } else if (const std::size_t date = begins ? date_at(rest) : 0) {
      out += "<date>";
      at += date;
    } else if (const std::size_t id = begins ? id_at(rest) : 0) {
      out += "<id>";
      at += id;
    } else {
      out += text[at++];
    }
  }
  return out;
}

Normal normal_form(const data::CassetteRequest& request, MatchMode mode) {
  Normal normal{.line = normal_line(request, mode)};
  const bool loose = mode == MatchMode::loose;
  if (!loose) normal.headers = normal_headers(request.headers);
  auto document = request.body.empty() ? Result<json::value>() : parse_json(request.body, kJsonDepthMax);
  if (!document || document->is_null()) {
    normal.body = loose ? normal_form_body(request) : request.body;
    return normal;
  }
  normal.document = loose ? normal_json(*document) : *std::move(document);
  normal.body = json::serialize(normal.document);
  return normal;
}

Difference difference(const Normal& asked, const Normal& recorded) {
  Difference found;
  if (asked.line != recorded.line) note(found, "request", asked.line, recorded.line);
  if (asked.headers != recorded.headers) {
    const auto on_one_line = [](std::string text) {
      std::ranges::replace(text, '\n', ' ');
      return std::string(trim(text));
    };
    note(found, "headers", on_one_line(asked.headers), on_one_line(recorded.headers));
  }
  if (asked.body == recorded.body) return found;
  const std::size_t before = found.count;
  if (!asked.document.is_null() && !recorded.document.is_null())
    compare(asked.document, recorded.document, "", found);
  // Of JSON that differs in its order alone, as of other bodies, there is no better place to name.
  if (found.count == before) {
    const bool order = !asked.document.is_null() && !recorded.document.is_null();
    note(found, order ? "the order of the body's members" : "body", asked.body, recorded.body);
  }
  return found;
}

}  // namespace weir::ops::replay

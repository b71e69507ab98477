#include "model/dialects/inbound_json.h"

#include <charconv>
#include <cstddef>
#include <cstring>

namespace weir::model::inbound {
namespace {

bool must_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (!must_escape(c)) continue;
    out.append(text, copied, at - copied);
    append_escaped(out, c);
    copied = at + 1;
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

bool is_string_token(std::string_view token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
  std::string_view inner = token.substr(1, token.size() - 2);
  while (!inner.empty()) {
    const void* found = std::memchr(inner.data(), '\\', inner.size());
    if (found == nullptr) return inner.find('"') == std::string_view::npos;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - inner.data());
    if (inner.substr(0, at).find('"') != std::string_view::npos || at + 1 == inner.size()) return false;
    std::size_t size = 2;
    if (inner[at + 1] == 'u') {
      size = 6;
      if (inner.size() < at + size) return false;
      for (std::size_t digit = at + 2; digit < at + size; ++digit) {
        if (!is_hex(inner[digit])) return false;
      }
    } else if (std::string_view("\"\\/bfnrt").find(inner[at + 1]) == std::string_view::npos) {
      return false;
    }
    inner.remove_prefix(at + size);
  }
  return true;
}

}  // namespace weir::model::inbound

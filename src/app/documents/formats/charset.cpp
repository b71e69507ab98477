#include "app/documents/formats/charset.h"

#include "app/documents/formats/charset_tables.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kDeclarationBytes = 1'024;  // where HTML's meta has to stand

std::string plain_name(std::string_view charset) {
  std::string name = to_lower(trim(charset));
  std::erase_if(name, [](char c) { return c == '-' || c == '_' || c == '"' || c == '\'' || c == ' '; });
  return name;
}

const HighHalf* table_of(std::string_view name) {
  // WHATWG's Encoding Standard: what says Latin 1 or ASCII is windows-1252.
  if (name == "iso88591" || name == "latin1" || name == "usascii" || name == "ascii" ||
      name == "windows1252" || name == "cp1252") {
    return &kWindows1252;
  }
  if (name == "iso885915" || name == "latin9") return &kLatin9;
  if (name == "windows1250" || name == "cp1250") return &kWindows1250;
  if (name == "windows1251" || name == "cp1251") return &kWindows1251;
  if (name == "koi8r") return &kKoi8R;
  if (name == "macintosh" || name == "macroman") return &kMacRoman;
  return nullptr;
}

std::optional<std::string> from_single_bytes(std::string_view bytes, const HighHalf& table) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else if (table[byte - 0x80u] == 0) {
      return std::nullopt;
    } else {
      append_utf8(out, table[byte - 0x80u]);
    }
  }
  return out;
}

char32_t unit_at(std::string_view bytes, std::size_t at, std::size_t size, bool big_endian) {
  char32_t unit = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[at + (big_endian ? i : size - 1 - i)]);
    unit = unit << 8 | byte;
  }
  return unit;
}

std::optional<std::string> from_utf16(std::string_view bytes, bool big_endian) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    char32_t unit = unit_at(bytes, at, 2, big_endian);
    if (unit >= 0xD800 && unit < 0xDC00 && at + 3 < bytes.size()) {
      const char32_t low = unit_at(bytes, at + 2, 2, big_endian);
      if (low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    append_utf8(out, unit);
  }
  return out;
}

std::optional<std::string> from_utf32(std::string_view bytes, bool big_endian) {
  if (bytes.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 4) append_utf8(out, unit_at(bytes, at, 4, big_endian));
  return out;
}

std::optional<std::string> by_byte_order_mark(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    bytes.remove_prefix(3);
    return is_valid_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  }
  if (bytes.starts_with("\xFF\xFE\0\0"sv)) return from_utf32(bytes.substr(4), false);
  if (bytes.starts_with("\0\0\xFE\xFF"sv)) return from_utf32(bytes.substr(4), true);
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), true);
  return std::nullopt;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\v' && c != '\x1B';
}

// The value after `key`, which may be quoted.
std::string value_after(std::string_view text, std::string_view key) {
  const std::string lower = to_lower(text);
  const auto at = lower.find(key);
  if (at == std::string::npos) return {};
  std::string_view value = std::string_view(lower).substr(at + key.size());
  while (!value.empty() && (value[0] == ' ' || value[0] == '"' || value[0] == '\'')) value.remove_prefix(1);
  return std::string(value.substr(0, value.find_first_of("\"'; />\r\n?")));
}

}  // namespace

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) code_point = 0xFFFD;
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

Result<std::optional<std::string>> to_utf8(std::string_view bytes, std::string_view charset) {
  const std::string name = plain_name(charset);
  if (name == "utf8" || name == "utf8mb4") {
    return is_valid_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  }
  if (auto marked = by_byte_order_mark(bytes); marked && name.starts_with("utf")) return marked;
  if (name == "utf16" || name == "utf16le") return from_utf16(bytes, false);
  if (name == "utf16be") return from_utf16(bytes, true);
  if (name == "utf32" || name == "utf32le") return from_utf32(bytes, false);
  if (name == "utf32be") return from_utf32(bytes, true);
  if (const HighHalf* table = table_of(name)) return from_single_bytes(bytes, *table);
  return fail(Code::unsupported_media_type,
              "the encoding '" + std::string(first_code_points(is_valid_utf8(charset) ? charset : "?", 40)) +
                  "' is not read",
              "convert it to UTF-8, for example with iconv -t UTF-8");
}

Result<std::string> decode_text(std::string_view bytes, std::string_view declared) {
  Result<std::optional<std::string>> text = by_byte_order_mark(bytes);
  if (!*text && is_valid_utf8(bytes)) text = std::string(bytes);
  if (!*text && !declared.empty()) {
    text = to_utf8(bytes, declared);
    if (!text) return fail(text);
  }
  if (!*text) text = from_single_bytes(bytes, kWindows1252);
  if (!*text) {
    return fail(Code::invalid_request, "the document is not valid UTF-8, nor text in windows-1252",
                "convert it, for example with iconv -t UTF-8");
  }
  if ((*text)->find('\0') != std::string::npos) {
    return fail(Code::invalid_request, "the document contains NUL bytes, as binary files do",
                "send text, Markdown or HTML");
  }
  const auto controls = std::ranges::count_if(**text, is_control);
  if (static_cast<std::size_t>(controls) > (*text)->size() / 64) {
    return fail(Code::invalid_request, "the document is full of control characters, as binary files are",
                "send text");
  }
  return **std::move(text);
}

std::string charset_of_media_type(std::string_view media_type) {
  return value_after(media_type, "charset=");
}

std::string charset_of_markup(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, kDeclarationBytes);
  std::string charset = value_after(start, "charset=");
  return charset.empty() && start.starts_with("<?xml") ? value_after(start, "encoding=") : charset;
}

}  // namespace weir::app

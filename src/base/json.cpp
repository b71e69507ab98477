#include "base/json.h"

#include <array>
#include <boost/json/src.hpp>
#include <cstring>

#include "base/append.h"

namespace weir {
namespace {

// Bytes that append_json_string must look at more closely.
constexpr auto kSpecial = [] {
  std::array<bool, 256> special{};
  for (std::size_t c = 0; c < 0x20; ++c) special[c] = true;
  for (const unsigned char c : {'"', '\\', '<', '>', '&', '\x7F', '\xE2'}) special[c] = true;
  return special;
}();

// Sixteen bytes as one value: a register of SSE2 or NEON. True where none of them is special.
using Bytes16 = unsigned char __attribute__((vector_size(16)));
bool are_plain(const char* at) {
  Bytes16 bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  const auto special = (bytes < 0x20) | (bytes == '"') | (bytes == '\\') | (bytes == '<') | (bytes == '>') |
                       (bytes == '&') | (bytes == 0x7F) | (bytes == 0xE2);
  return __builtin_reduce_or(special) == 0;
}

std::size_t plain_prefix(std::string_view text) {
  std::size_t size = 0;
  while (text.size() - size >= sizeof(Bytes16) && are_plain(text.data() + size)) size += sizeof(Bytes16);
  // The last ones, where they are fewer, overlap those before.
  const bool fewer = text.size() - size < sizeof(Bytes16);
  if (size > 0 && fewer && are_plain(text.data() + text.size() - sizeof(Bytes16))) return text.size();
  while (size < text.size() && !kSpecial[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

void append_value(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: {
      char separator = '{';
      for (const auto& [name, member] : value.get_object()) {
        out += separator;
        append_json_string(out, name);
        out += ':';
        append_value(out, member);
        separator = ',';
      }
      if (separator == '{') out += '{';
      out += '}';
      break;
    }
    case json::kind::array: {
      char separator = '[';
      for (const auto& element : value.get_array()) {
        out += separator;
        append_value(out, element);
        separator = ',';
      }
      if (separator == '[') out += '[';
      out += ']';
      break;
    }
    case json::kind::string: append_json_string(out, value.get_string()); break;
    default: out += json::serialize(value);
  }
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  boost::system::error_code ec;
  json::stream_parser parser({}, options);
  const std::size_t used = parser.write_some(text.data(), text.size(), ec);
  if (!ec && used < text.size() && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
    ec = json::error::extra_data;
  }
  if (!ec) parser.finish(ec);
  if (ec) {
    return fail(Code::invalid_request,
                "the body is not valid JSON: " + ec.message() + " at byte " + std::to_string(used),
                ec == json::error::too_deep ? "nest at most " + std::to_string(depth_max) + " levels"
                                            : "send one JSON value, UTF-8 encoded");
  }
  return parser.release();
}

std::string to_json(const json::value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::size_t beginning = plain_prefix(text);
  append_in_place(out, beginning + 2, [&](char* to) {  // all of it, usually
    *to++ = '"';
    to = put(to, text.substr(0, beginning));
    if (beginning == text.size()) *to++ = '"';
    return to;
  });
  if (beginning == text.size()) return;
  for (std::size_t i = beginning; i < text.size(); ++i) {
    const std::size_t plain = plain_prefix(text.substr(i));
    out += text.substr(i, plain);
    i += plain;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7F) {
          out += "\\u00";
          out += digits[c >> 4];
          out += digits[c & 15];
        } else if (c == 0xE2 && text.substr(i, 3) == "\u2028") {
          out += "\\u2028";
          i += 2;
        } else if (c == 0xE2 && text.substr(i, 3) == "\u2029") {
          out += "\\u2029";
          i += 2;
        } else {
          out += static_cast<char>(c);
        }
    }
  }
  out += '"';
}

const json::value* find_member(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object ? object->if_contains(name) : nullptr;
}

std::string_view string_member(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object ? string_member(*object, name) : std::string_view();
}

std::string_view string_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  const auto* text = member ? member->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace weir

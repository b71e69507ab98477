// base/text.h: small pure functions over text. ASCII unless a name says otherwise; no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

bool iequals(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::optional<std::int64_t> parse_int(std::string_view text);  // the whole text, no sign but '-'

// RFC 3629: no surrogates, no overlong forms, at most U+10FFFF.
bool is_valid_utf8(std::string_view text);
// Unicode code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);
// The beginning of valid UTF-8, of at most `count` code points.
std::string_view first_code_points(std::string_view text, std::size_t count);

int hex_digit(char c);  // its value; -1: none
std::string to_hex(std::span<const std::byte> bytes);
std::string to_base62(std::span<const std::byte> bytes, std::size_t width);
std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);               // RFC 4648 §5, without padding
std::optional<std::string> from_base64(std::string_view text);  // nullopt: not RFC 4648 §4

// Every byte but RFC 3986's unreserved ones and those of `kept` as %XX, in upper case.
std::string percent_encode(std::string_view text, std::string_view kept = {});
std::optional<std::string> percent_decode(std::string_view text);  // nullopt: a % without two hex digits

// Escapes & < > " ' for HTML text and quoted attributes.
std::string escape_html(std::string_view text);

// Levenshtein distance; for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir

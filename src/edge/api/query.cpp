#include "edge/api/query.h"

#include <algorithm>

#include "base/text.h"
#include "edge/api/body.h"

namespace weir::edge {
namespace {

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool is_one_of(std::span<const std::string_view> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (const std::string_view pair : split(query, '&')) {
    const auto equals = pair.find('=');
    if (decode(pair.substr(0, equals)) != name) continue;
    return equals == pair.npos ? std::string() : decode(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::string query_without(std::string_view query, std::span<const std::string_view> names) {
  std::string kept;
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty() || is_one_of(names, decode(pair.substr(0, pair.find('='))))) continue;
    if (!kept.empty()) kept += '&';
    kept += pair;
  }
  return kept;
}

std::vector<std::string> query_values(std::string_view query, std::span<const std::string_view> names) {
  std::vector<std::string> values;
  for (const std::string_view pair : split(query, '&')) {
    const auto equals = pair.find('=');
    if (equals == pair.npos || !is_one_of(names, decode(pair.substr(0, equals)))) continue;
    values.push_back(decode(pair.substr(equals + 1)));
  }
  return values;
}

Result<std::uint32_t> query_number(std::string_view query, std::string_view name, std::uint32_t least,
                                   std::uint32_t most, std::uint32_t absent) {
  const auto text = query_value(query, name);
  if (!text) return absent;
  const auto number = parse_int(*text);
  if (!number || *number < least || *number > most) {
    return bad_field(name, std::string(name) + " must be a whole number from " + std::to_string(least) +
                               " to " + std::to_string(most));
  }
  return static_cast<std::uint32_t>(*number);
}

}  // namespace weir::edge

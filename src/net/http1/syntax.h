// net/http1/syntax.h: character classes of RFC 9110 §5.5.
#pragma once

#include <array>

namespace weir::net::http1 {

// What may stand in a field line: HTAB, SP, visible ASCII and obs-text; no CR, LF, NUL or other control.
constexpr auto kFieldChars = [] {
  std::array<bool, 256> allowed{};
  for (std::size_t c = 0; c < allowed.size(); ++c) allowed[c] = (c >= 0x20 && c != 0x7F) || c == '\t';
  return allowed;
}();

constexpr bool is_field_char(char c) { return kFieldChars[static_cast<unsigned char>(c)]; }

}  // namespace weir::net::http1

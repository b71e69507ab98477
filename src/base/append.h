// base/append.h: appends to texts on hot paths, with one look at their room instead of one per piece.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Appends what `write` writes: at most `size_max` bytes at the place it is given. It returns the end.
template <class Write>
void append_in_place(std::string& out, std::size_t size_max, Write write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + size_max, [&](char* text, std::size_t) {
    return static_cast<std::size_t>(write(text + before) - text);
  });
}

// Copies `text` to `to`, and returns the end. Not std::ranges::copy, which libstdc++ 12 does byte by byte.
inline char* put(char* to, std::string_view text) {
  return to + text.copy(to, text.size());
}

constexpr std::size_t kIntegerSizeMax = 20;  // of 64 bits in decimal, with its sign

inline void append_integer(std::string& out, std::integral auto number) {
  append_in_place(out, kIntegerSizeMax,
                  [number](char* to) { return std::to_chars(to, to + kIntegerSizeMax, number).ptr; });
}

}  // namespace weir

// app/documents/sentences.h: where sentences begin and end. Lines of lists, tables and code count as
// sentences of their own; abbreviations and decimal points do not end one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace weir::app {

struct Span {
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// In order, without the white space around them; together they hold all that is not blank.
std::vector<Span> split_sentences(std::string_view text);

}  // namespace weir::app

// data/words.h: what counts as a word when documents are searched by their words. Pure functions,
// shared by every store, so that a query means the same to each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::data {

constexpr std::size_t kQueryWordsMax = 64;  // further words of a query are ignored

// Runs of Unicode letters, marks and digits, in order and with repeats; ASCII letters lower-cased.
// Bytes that are not UTF-8 separate.
std::vector<std::string> words_of(std::string_view text);

// The parts of the camelCase words of `text`, lower-cased and separated by spaces: "maxTokens" gives
// "max tokens", "HTTPServer" gives "http server"; parts under three letters are left out. (snake_case is
// split by words_of already.) A search index holds them beside the text, so that a question in plain words
// finds the identifier.
std::string identifier_parts(std::string_view text);

// The words to look for: with the parts of identifiers, without repeats, without English stop words
// unless the query has nothing else.
std::vector<std::string> query_words(std::string_view query);

}  // namespace weir::data

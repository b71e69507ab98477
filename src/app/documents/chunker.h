// app/documents/chunker.h: cuts a parsed document into passages along its structure.
#pragma once

#include <vector>

#include "app/documents/parser.h"
#include "data/documents.h"

namespace weir::app {

struct ChunkerConfig {
  std::size_t target_chars = 900;    // code points that a passage aims at; at most half as many more
  std::size_t chunks_max = 100'000;  // of one document
};

// Passages in order: each text is document.text.substr(begin, end - begin), none splits a character,
// and together they hold every character of every block that is not white space. A heading stays with
// what follows it; a block is cut only when it alone is too long, at sentence ends where there are any, a
// table between its rows. Its heading is the path to it: headings (a sheet's or slide's name is one), the
// header row of the table that it comes from the middle of, and its pages: "Prices > Item | Price > p. 3".
// They are numbered from zero; the store names them after their document. too_large for more than chunks_max.
Result<std::vector<data::Chunk>> cut_into_chunks(const ParsedDocument& document, ChunkerConfig config);

}  // namespace weir::app

// app/documents/parser.h: bytes of one media type → the text that offsets point into, and its structure.
//
// Markdown and plain text keep their source as the text, so that a citation shows the source as its
// author wrote it; the others are reduced to what a reader sees. Adding a type is one pair of files and one
// line in parsers.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/documents/formats/content_kind.h"
#include "base/error.h"

namespace weir::app {

enum class BlockKind : std::uint8_t { heading, paragraph, list_item, code, table };

// A stretch of the text that is better not torn apart. Blocks are in order and do not overlap.
struct Block {
  BlockKind kind = BlockKind::paragraph;
  std::size_t begin = 0;  // bytes of ParsedDocument::text
  std::size_t end = 0;
  std::uint32_t heading = 0;  // index of ParsedDocument::headings: the one above it, a heading's own included
  std::uint32_t page = 0;     // of the original, from 1; 0: it has no pages
  std::size_t header_end = 0;  // of a table: where its header row ends; 0: it has none
};

// A heading, and those that it stands under.
struct Heading {
  std::uint32_t above = 0;  // index of ParsedDocument::headings
  int level = 0;            // 1 to 6; 0: the document itself
  std::string title;
};

struct ParsedDocument {
  std::string text;   // valid UTF-8, not blank
  std::string title;  // empty when the document has none
  std::vector<Block> blocks;
  std::vector<Heading> headings{Heading()};  // the first is the document itself, without a title
};

// "Install > Debian" for a block under such headings; at most kHeadingPathChars code points.
constexpr std::size_t kHeadingPathChars = 200;
std::string heading_path(const ParsedDocument& document, std::uint32_t heading);

struct Parser {
  std::string_view media_type;                   // "text/markdown"
  std::span<const std::string_view> extensions;  // ".md"
  ContentKind content;                           // text: UTF-8 without NUL is what parse() is given
  Result<ParsedDocument> (*parse)(std::string_view bytes);
};

// Every supported type.
std::span<const Parser> parsers();

// The parser for a media type (parameters ignored), else for the extension of a file name or URL, else
// by the bytes themselves. unsupported_media_type names those that are supported; invalid_request when the
// bytes are not what they are said to be.
Result<const Parser*> choose_parser(std::string_view media_type, std::string_view source,
                                    std::string_view bytes);

// Tracks the headings above the current place while a document is read from its beginning.
class HeadingTree {
 public:
  void enter(int level, std::string_view title);  // level 1 to 6; a longer title is cut
  std::uint32_t current() const { return current_; }
  std::vector<Heading> take() { return std::move(headings_); }

 private:
  std::vector<Heading> headings_{Heading()};
  std::uint32_t current_ = 0;
};

}  // namespace weir::app

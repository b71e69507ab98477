// app/documents/formats/document_builder.h: text and structure of a document, written from its beginning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/documents/parser.h"

namespace weir::app {

class DocumentBuilder {
 public:
  static constexpr std::size_t kTextMax = std::size_t{64} << 20;  // bytes; what is beyond is refused

  void enter_page(std::uint32_t page) { page_ = page; }
  // A block as a whole. White space around it goes; a blank one is none. level: of a heading, 1 to 6.
  void add(BlockKind kind, std::string_view text, int level = 0);
  // Rows of one table until end_table(), cells joined by " | "; blank rows are passed over.
  void add_row(const std::vector<std::string>& cells, bool is_header = false);
  void end_table();

  // No more is taken: stop reading.
  bool full() const { return full_; }
  bool empty() const { return document_.blocks.empty(); }
  // too_large when full. A document without `title` has its first heading's.
  Result<ParsedDocument> take(std::string title = {});

 private:
  bool append(std::string_view text);

  ParsedDocument document_;
  HeadingTree headings_;
  std::uint32_t page_ = 0;
  std::size_t table_begin_ = 0, header_end_ = 0;
  bool in_table_ = false;
  bool full_ = false;
};

}  // namespace weir::app

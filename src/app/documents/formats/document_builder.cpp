#include "app/documents/formats/document_builder.h"

#include "base/text.h"

namespace weir::app {

bool DocumentBuilder::append(std::string_view text) {
  if (full_ || document_.text.size() + text.size() > kTextMax) {
    full_ = true;
    return false;
  }
  document_.text += text;
  return true;
}

void DocumentBuilder::add(BlockKind kind, std::string_view text, int level) {
  end_table();
  text = trim(text);
  if (text.empty()) return;
  const std::size_t begin = document_.text.size();
  if (!append(text)) return;
  if (kind == BlockKind::heading) {
    headings_.enter(std::clamp(level, 1, 6), text);
    if (document_.title.empty()) document_.title = std::string(first_code_points(text, kHeadingPathChars));
  }
  document_.blocks.push_back({kind, begin, document_.text.size(), headings_.current(), page_});
  append("\n\n");
}

void DocumentBuilder::add_row(const std::vector<std::string>& cells, bool is_header) {
  std::string row;
  bool blank = true;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) row += " | ";
    const std::size_t begin = row.size();
    row += trim(cell);
    blank = blank && row.size() == begin;
    // A line is a row; where a cell has several, they become one.
    for (std::size_t at = begin; at < row.size(); ++at) {
      if (row[at] == '\n' || row[at] == '\r') row[at] = ' ';
    }
  }
  if (blank) return;
  if (!in_table_) {
    in_table_ = true;
    table_begin_ = document_.text.size();
    header_end_ = 0;
  } else if (!append("\n")) {
    return;
  }
  if (append(row) && is_header && header_end_ == 0) header_end_ = document_.text.size();
}

void DocumentBuilder::end_table() {
  if (!in_table_) return;
  in_table_ = false;
  const std::size_t end = document_.text.size();
  document_.blocks.push_back({BlockKind::table, table_begin_, end, headings_.current(), page_, header_end_});
  append("\n\n");
}

Result<ParsedDocument> DocumentBuilder::take(std::string title) {
  end_table();
  if (full_) {
    return fail(Code::too_large,
                "its text is larger than " + std::to_string(kTextMax >> 20) + " MiB when unpacked",
                "split it");
  }
  if (!trim(title).empty()) document_.title = std::string(trim(title));
  document_.headings = headings_.take();
  return std::move(document_);
}

}  // namespace weir::app

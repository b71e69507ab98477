#include "app/documents/text_parser.h"

#include "base/text.h"

namespace weir::app {

Result<ParsedDocument> parse_text(std::string_view bytes) {
  ParsedDocument document;
  document.text = bytes;
  std::size_t begin = std::string::npos;  // of the open paragraph
  std::size_t end = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t line_end = std::min(bytes.find('\n', at), bytes.size());
    const bool blank = trim(bytes.substr(at, line_end - at)).empty();
    if (!blank) {
      if (begin == std::string::npos) begin = at;
      end = line_end;
    } else if (begin != std::string::npos) {
      document.blocks.push_back({BlockKind::paragraph, begin, end});
      begin = std::string::npos;
    }
    at = line_end + 1;
  }
  if (begin != std::string::npos) document.blocks.push_back({BlockKind::paragraph, begin, end});
  return document;
}

}  // namespace weir::app

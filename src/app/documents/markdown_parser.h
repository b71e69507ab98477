// app/documents/markdown_parser.h: CommonMark with tables, by md4c. The text is the source itself.
#pragma once

#include "app/documents/parser.h"

namespace weir::app {

Result<ParsedDocument> parse_markdown(std::string_view bytes);

}  // namespace weir::app

// app/documents/text_parser.h: plain text: paragraphs are what blank lines separate.
#pragma once

#include "app/documents/parser.h"

namespace weir::app {

Result<ParsedDocument> parse_text(std::string_view bytes);

}  // namespace weir::app

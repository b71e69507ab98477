// app/documents/formats/pdf.h: PDF (ISO 32000-1): qpdf reads the file, the text of each page is found here.
#pragma once

#include <string_view>

#include "app/documents/parser.h"

namespace weir::app {

// Blocks carry their page. Lines that stand out by their size are headings. invalid_request: damaged,
// in need of a password, or without any text, as scanned pages are.
Result<ParsedDocument> parse_pdf(std::string_view bytes);

}  // namespace weir::app

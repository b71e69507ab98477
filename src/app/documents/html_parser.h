// app/documents/html_parser.h: HTML (by gumbo, the WHATWG algorithm) reduced to what a reader sees:
// scripts, styles, templates and hidden elements are dropped, entities decoded, white space folded.
#pragma once

#include "app/documents/parser.h"

namespace weir::app {

constexpr int kHtmlDepthMax = 512;  // open elements; gumbo frees its tree by recursion

// invalid_request: nested deeper than kHtmlDepthMax.
Result<ParsedDocument> parse_html(std::string_view bytes);

}  // namespace weir::app

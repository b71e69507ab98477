// app/documents/formats/table_text.h: CSV, TSV, JSON and JSON lines.
#pragma once

#include <string_view>

#include "app/documents/parser.h"

namespace weir::app {

// The separator (, ; tab |) is the one that divides the first rows evenly; RFC 4180 quotes. One table
// whose first row is its header, unless that row holds a number.
Result<ParsedDocument> parse_csv(std::string_view text);

// Objects of an array, or one on each line, become a table when all are flat; anything else is one line
// "a.b[2].c: value" for each value, under a heading for each member of the outermost object.
Result<ParsedDocument> parse_json_document(std::string_view text);
Result<ParsedDocument> parse_json_lines(std::string_view text);

}  // namespace weir::app

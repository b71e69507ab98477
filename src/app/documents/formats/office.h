// app/documents/formats/office.h: Office Open XML (ISO/IEC 29500): DOCX, PPTX and XLSX.
//
// Word: headings by style, lists, tables, footnotes; text that is marked as deleted is left out.
// PowerPoint: slides in their order, each a page under its title, with its notes.
// Excel: sheets in their order, each a heading and a table whose first row is its header.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/documents/formats/zip.h"
#include "app/documents/parser.h"

namespace weir::app {

Result<ParsedDocument> parse_docx(std::string_view bytes);
Result<ParsedDocument> parse_pptx(std::string_view bytes);
Result<ParsedDocument> parse_xlsx(std::string_view bytes);

// Relationship id → path of the part in the archive, of the part `part`; empty when it has none.
// Targets outside of the document are left out.
Result<std::map<std::string, std::string>> read_relationships(ZipArchive& archive, const std::string& part);

// The title that the document's properties state; empty when there is none.
std::string title_property(ZipArchive& archive);

}  // namespace weir::app

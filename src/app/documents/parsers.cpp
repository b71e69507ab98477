// The table of supported document types, and how one is chosen.
#include <array>

#include "app/documents/formats/email.h"
#include "app/documents/formats/office.h"
#include "app/documents/formats/pdf/pdf.h"
#include "app/documents/formats/table_text.h"
#include "app/documents/html_parser.h"
#include "app/documents/markdown_parser.h"
#include "app/documents/parser.h"
#include "app/documents/text_parser.h"
#include "base/text.h"

namespace weir::app {
namespace {

using Extensions = std::array<std::string_view, 3>;  // unused ones are empty
constexpr Extensions kMarkdownExtensions = {".md", ".markdown"};
constexpr Extensions kHtmlExtensions = {".html", ".htm", ".xhtml"};
constexpr Extensions kTextExtensions = {".txt", ".text", ".log"};
constexpr Extensions kCsvExtensions = {".csv"};
constexpr Extensions kTsvExtensions = {".tsv", ".tab"};
constexpr Extensions kJsonExtensions = {".json"};
constexpr Extensions kJsonLinesExtensions = {".jsonl", ".ndjson"};
constexpr Extensions kEmailExtensions = {".eml"};
constexpr Extensions kPdfExtensions = {".pdf"};
constexpr Extensions kDocxExtensions = {".docx", ".docm"};
constexpr Extensions kPptxExtensions = {".pptx", ".pptm"};
constexpr Extensions kXlsxExtensions = {".xlsx", ".xlsm"};

constexpr std::array<Parser, 12> kParsers = {{
    {"text/markdown", kMarkdownExtensions, ContentKind::text, parse_markdown},
    {"text/html", kHtmlExtensions, ContentKind::text, parse_html},
    {"text/plain", kTextExtensions, ContentKind::text, parse_text},
    {"text/csv", kCsvExtensions, ContentKind::text, parse_csv},
    {"text/tab-separated-values", kTsvExtensions, ContentKind::text, parse_csv},
    {"application/json", kJsonExtensions, ContentKind::text, parse_json_document},
    {"application/x-ndjson", kJsonLinesExtensions, ContentKind::text, parse_json_lines},
    {"message/rfc822", kEmailExtensions, ContentKind::mail, parse_email},
    {"application/pdf", kPdfExtensions, ContentKind::pdf, parse_pdf},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", kDocxExtensions,
     ContentKind::zip, parse_docx},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", kPptxExtensions,
     ContentKind::zip, parse_pptx},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", kXlsxExtensions, ContentKind::zip,
     parse_xlsx},
}};

const Parser* by_media_type(std::string_view media_type) {
  const std::string type = to_lower(trim(media_type.substr(0, media_type.find(';'))));
  for (const Parser& parser : kParsers) {
    if (parser.media_type == type) return &parser;
  }
  if (type == "text/x-markdown") return by_media_type("text/markdown");
  if (type == "application/xhtml+xml") return by_media_type("text/html");
  if (type == "application/jsonl" || type == "application/x-jsonlines")
    return by_media_type("application/x-ndjson");
  return nullptr;
}

const Parser* by_extension(std::string_view source) {
  const std::string name = to_lower(source.substr(0, source.find_first_of("?#")));
  for (const Parser& parser : kParsers) {
    for (const std::string_view extension : parser.extensions) {
      if (!extension.empty() && name.ends_with(extension)) return &parser;
    }
  }
  return nullptr;
}

bool has_extension(std::string_view source) {
  const auto name = source.substr(source.find_last_of('/') + 1);
  return name.find('.', 1) != std::string_view::npos;
}

bool looks_like_html(std::string_view bytes) {
  const std::string start = to_lower(trim(bytes.substr(0, 256)));
  return start.starts_with("<!doctype html") || start.starts_with("<html");
}

std::string_view usual_extension(const Parser& parser) {
  return parser.extensions[0];
}

// What has neither a type nor a name's ending is read as what it is by itself.
const Parser* by_content(std::string_view bytes) {
  if (is_pdf(bytes)) return by_extension(".pdf");
  if (is_zip(bytes)) {
    // The names of members stand in the archive as they are.
    if (bytes.find("word/document.xml") != std::string_view::npos) return by_extension(".docx");
    if (bytes.find("ppt/presentation.xml") != std::string_view::npos) return by_extension(".pptx");
    if (bytes.find("xl/workbook.xml") != std::string_view::npos) return by_extension(".xlsx");
  }
  if (!signature_of(bytes).empty()) return nullptr;
  return by_media_type(looks_like_html(bytes) ? "text/html" : "text/plain");
}

// Content against name: what differs is said, not guessed.
Result<const Parser*> checked(const Parser* parser, std::string_view bytes) {
  const std::string_view signature = signature_of(bytes);
  const std::string but_it_is = signature.empty() ? "" : "; it is " + std::string(signature);
  const std::string hint = "name it after what it is, or check the file";
  switch (parser->content) {
    case ContentKind::pdf:
      if (!is_pdf(bytes))
        return fail(Code::invalid_request, "not a PDF, though it is said to be one" + but_it_is, hint);
      return parser;
    case ContentKind::zip:
      if (is_zip(bytes)) return parser;
      if (is_encrypted_office(bytes))
        return fail(Code::invalid_request, "it needs a password", "save it without one");
      return fail(Code::invalid_request,
                  "not a " + std::string(usual_extension(*parser).substr(1)) +
                      " document, though it is said to be one" + but_it_is,
                  is_compound_file(bytes) ? "save it in the format of today" : hint);
    case ContentKind::text:
    case ContentKind::mail: break;
  }
  if (signature.empty()) return parser;
  return fail(Code::invalid_request,
              "not " + std::string(parser->media_type) + ", though it is said to be" + but_it_is, hint);
}

}  // namespace

std::span<const Parser> parsers() {
  return kParsers;
}

Result<const Parser*> choose_parser(std::string_view media_type, std::string_view source,
                                    std::string_view bytes) {
  const std::string type = to_lower(trim(media_type.substr(0, media_type.find(';'))));
  const bool says_nothing = type.empty() || type == "application/octet-stream";
  // A file name knows more than "text/plain", which is what many clients send for Markdown.
  if (says_nothing || type == "text/plain") {
    if (const Parser* parser = by_extension(source)) return checked(parser, bytes);
  }
  const Parser* chosen = nullptr;
  if (!says_nothing) {
    chosen = by_media_type(type);
  } else if (!has_extension(source)) {
    chosen = by_content(bytes);
  }
  if (chosen != nullptr) return checked(chosen, bytes);
  std::string supported;
  for (const Parser& parser : kParsers) {
    if (!supported.empty()) supported += ", ";
    supported += parser.media_type;
  }
  std::string what = "'" + type + "'";
  if (says_nothing) {
    what = has_extension(source)
               ? "a file of the kind '" + std::string(source.substr(source.rfind('.'))) + "'"
               : std::string(signature_of(bytes));
  }
  return fail(Code::unsupported_media_type, what + " cannot be read", "send one of " + supported);
}

void HeadingTree::enter(int level, std::string_view title) {
  while (headings_[current_].level >= level) current_ = headings_[current_].above;
  const std::string_view kept = first_code_points(trim(title), kHeadingPathChars);
  headings_.push_back({current_, level, std::string(kept)});
  current_ = static_cast<std::uint32_t>(headings_.size() - 1);
}

std::string heading_path(const ParsedDocument& document, std::uint32_t heading) {
  std::string path;
  for (std::uint32_t at = heading; at != 0; at = document.headings[at].above) {
    const std::string& title = document.headings[at].title;
    if (title.empty()) continue;
    path = path.empty() ? title : title + " > " + path;
  }
  path.resize(first_code_points(path, kHeadingPathChars).size());
  return path;
}

}  // namespace weir::app

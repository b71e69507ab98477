// The table of supported document types, and how one is chosen.
#include <array>

#include "app/documents/html_parser.h"
#include "app/documents/markdown_parser.h"
#include "app/documents/parser.h"
#include "app/documents/text_parser.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::array<std::string_view, 2> kMarkdownExtensions = {".md", ".markdown"};
constexpr std::array<std::string_view, 3> kHtmlExtensions = {".html", ".htm", ".xhtml"};
constexpr std::array<std::string_view, 3> kTextExtensions = {".txt", ".text", ".log"};

constexpr std::array<Parser, 3> kParsers = {{
    {"text/markdown", kMarkdownExtensions, parse_markdown},
    {"text/html", kHtmlExtensions, parse_html},
    {"text/plain", kTextExtensions, parse_text},
}};

const Parser* by_media_type(std::string_view media_type) {
  const std::string type = to_lower(trim(media_type.substr(0, media_type.find(';'))));
  for (const Parser& parser : kParsers) {
    if (parser.media_type == type) return &parser;
  }
  if (type == "text/x-markdown") return by_media_type("text/markdown");
  if (type == "application/xhtml+xml") return by_media_type("text/html");
  return nullptr;
}

const Parser* by_extension(std::string_view source) {
  const std::string name = to_lower(source.substr(0, source.find_first_of("?#")));
  for (const Parser& parser : kParsers) {
    for (const std::string_view extension : parser.extensions) {
      if (name.ends_with(extension)) return &parser;
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
    if (const Parser* parser = by_extension(source)) return parser;
  }
  if (!says_nothing) {
    if (const Parser* parser = by_media_type(type)) return parser;
  } else if (!has_extension(source)) {
    return by_media_type(looks_like_html(bytes) ? "text/html" : "text/plain");
  }
  std::string supported;
  for (const Parser& parser : kParsers) {
    if (!supported.empty()) supported += ", ";
    supported += parser.media_type;
  }
  const std::string what = says_nothing
                               ? "a file of the kind '" + std::string(source.substr(source.rfind('.'))) + "'"
                               : "'" + type + "'";
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

#include <doctest/doctest.h>

#include "app/documents/parser.h"
#include "app/documents/text_parser.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::string chosen(std::string_view media_type, std::string_view source, std::string_view bytes = "text") {
  const auto parser = choose_parser(media_type, source, bytes);
  return parser ? std::string((*parser)->media_type) : std::string(to_string(parser.error().code));
}

TEST_CASE("the media type decides, its parameters and case aside") {
  CHECK(chosen("text/markdown", "") == "text/markdown");
  CHECK(chosen("Text/HTML; charset=utf-8", "a.txt") == "text/html");
  CHECK(chosen("application/xhtml+xml", "") == "text/html");
  CHECK(chosen("text/x-markdown", "") == "text/markdown");
  CHECK(chosen("image/png", "a.md") == "unsupported_media_type");
}

TEST_CASE("where the type says little, the name decides, and without a name the content") {
  CHECK(chosen("", "docs/Guide.MD") == "text/markdown");
  CHECK(chosen("text/plain", "a.md") == "text/markdown");
  CHECK(chosen("application/octet-stream", "https://example.com/a.html?x=1#top") == "text/html");
  CHECK(chosen("", "a.bin") == "unsupported_media_type");
  CHECK(chosen("", "README") == "text/plain");
  CHECK(chosen("", ".gitignore") == "text/plain");
  CHECK(chosen("", "", "  <!DOCTYPE html><p>x") == "text/html");
  CHECK(chosen("", "", "a < b") == "text/plain");
}

TEST_CASE("content that is not what its name says is refused with both") {
  CHECK(chosen("application/pdf", "a.md", "%PDF-1.4") == "application/pdf");
  const auto said = [](std::string_view media_type, std::string_view source, std::string_view bytes) {
    const auto parser = choose_parser(media_type, source, bytes);
    return parser ? std::string("taken") : parser.error().message;
  };
  CHECK(said("", "a.pdf", "text") == "not a PDF, though it is said to be one");
  CHECK(said("", "a.pdf", "PK\x03\x04") == "not a PDF, though it is said to be one; it is a ZIP archive");
  CHECK(said("", "a.docx", "%PDF-1.4") == "not a docx document, though it is said to be one; it is a PDF");
  CHECK(said("text/plain", "a.txt", "%PDF-1.4") == "not text/plain, though it is said to be; it is a PDF");
  CHECK(said("", "a.md", "\x89PNG\r\n\x1A\n") ==
        "not text/markdown, though it is said to be; it is a PNG picture");
  CHECK(chosen("", "", "%PDF-1.4") == "application/pdf");
  CHECK(said("", "", "\x89PNG\r\n\x1A\n") == "a PNG picture cannot be read");
}

TEST_CASE("a refusal names what is supported") {
  const auto refused = choose_parser("image/png", "", "");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.contains("image/png"));
  CHECK(choose_parser("", "a/b.tar.gz", "").error().message == "a file of the kind '.gz' cannot be read");
  for (const Parser& parser : parsers()) CHECK(refused.error().hint.contains(parser.media_type));
}

TEST_CASE("paragraphs of plain text are divided by blank lines") {
  const auto document = parse_text("one\nstill one\n \t\n\ntwo\r\n\r\nthree");
  REQUIRE(document.has_value());
  std::vector<std::string> texts;
  for (const Block& block : document->blocks) {
    texts.emplace_back(trim(document->text.substr(block.begin, block.end - block.begin)));
  }
  CHECK(texts == std::vector<std::string>{"one\nstill one", "two", "three"});
  CHECK(parse_text(" \n ")->blocks.empty());
}

TEST_CASE("a path of headings leaves what is not above and stays short") {
  ParsedDocument document;
  HeadingTree tree;
  tree.enter(1, " Guide ");
  tree.enter(3, "Deep");
  tree.enter(2, "");
  tree.enter(3, "Leaf");
  const std::uint32_t leaf = tree.current();
  tree.enter(1, std::string(500, 'a'));
  tree.enter(2, "\u00fc");
  const std::uint32_t last = tree.current();
  document.headings = tree.take();
  CHECK(heading_path(document, 0).empty());
  CHECK(heading_path(document, leaf) == "Guide > Leaf");
  CHECK(count_code_points(heading_path(document, last)) == kHeadingPathChars);
}

}  // namespace
}  // namespace weir::app

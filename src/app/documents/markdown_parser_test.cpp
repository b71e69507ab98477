#include "app/documents/markdown_parser.h"

#include <doctest/doctest.h>

#include "app_samples.h"

namespace weir::app {
namespace {

struct Seen {
  BlockKind kind;
  std::string text;
  std::string heading;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> blocks_of(std::string_view markdown) {
  const auto document = parse_markdown(markdown);
  REQUIRE(document.has_value());
  CHECK(document->text == markdown);
  std::vector<Seen> out;
  for (const Block& block : document->blocks) {
    out.push_back({block.kind, document->text.substr(block.begin, block.end - block.begin),
                   heading_path(*document, block.heading)});
  }
  return out;
}

TEST_CASE("headings of both kinds make the path of what stands below them") {
  const auto blocks =
      blocks_of("Guide\n=====\n\nIntro.\n\n## Install *now* ##\n\nRun it.\n\nUse\n---\n\nDo.\n");
  REQUIRE(blocks.size() == 6);
  CHECK(blocks[0] == Seen{BlockKind::heading, "Guide", "Guide"});
  CHECK(blocks[1] == Seen{BlockKind::paragraph, "Intro.", "Guide"});
  CHECK(blocks[2] == Seen{BlockKind::heading, "## Install *now* ##", "Guide > Install now"});
  CHECK(blocks[3] == Seen{BlockKind::paragraph, "Run it.", "Guide > Install now"});
  CHECK(blocks[5] == Seen{BlockKind::paragraph, "Do.", "Guide > Use"});
  CHECK(parse_markdown("text\n\n# Late\n")->title == "Late");
  CHECK(parse_markdown("no heading")->title.empty());
}

TEST_CASE("tables and code are one block each, with their marks") {
  const auto blocks = blocks_of(
      "| Plan | Price |\n|---|---:|\n| Free | 0 |\n| Pro | 9 |\n\n```sh\n# not a heading\n\nls\n```\n");
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0] == Seen{BlockKind::table, "| Plan | Price |\n|---|---:|\n| Free | 0 |\n| Pro | 9 |", ""});
  CHECK(blocks[1] == Seen{BlockKind::code, "```sh\n# not a heading\n\nls", ""});
}

TEST_CASE("items of lists are blocks of their own, nested ones too, and keep their markers") {
  const auto blocks = blocks_of("1. one\n2. two\n   - deep\n\n- loose\n\n  more\n");
  std::vector<std::string> texts;
  for (const Seen& block : blocks) texts.push_back(block.text);
  CHECK(texts == std::vector<std::string>{"1. one", "2. two", "   - deep", "- loose", "  more"});
  CHECK(blocks[0].kind == BlockKind::list_item);
}

TEST_CASE("entities and raw HTML stay as their author wrote them") {
  const auto blocks = blocks_of("Tom &amp; <b>Jerry</b> &copy;\n\n<script>alert(1)</script>\n");
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].text == "Tom &amp; <b>Jerry</b> &copy;");
  CHECK(blocks[1].text == "<script>alert(1)</script>");
}

TEST_CASE("a heading without end is cut, so that not every passage repeats it whole") {
  std::string page = "# " + std::string(100'000, 'x') + "\n\nbody\n";
  const auto document = parse_markdown(page);
  CHECK(heading_path(*document, document->blocks.back().heading) == std::string(kHeadingPathChars, 'x'));
}

TEST_CASE("blocks are in order, do not overlap, and lie in the text") {
  SeededRandom random(3);
  for (int round = 0; round < 500; ++round) {
    const std::string page = test::random_markdown(random);
    const auto document = parse_markdown(page);
    REQUIRE(document.has_value());
    std::size_t at = 0;
    for (const Block& block : document->blocks) {
      CHECK(block.begin >= at);
      CHECK(block.end > block.begin);
      REQUIRE(block.end <= page.size());
      REQUIRE(block.heading < document->headings.size());
      at = block.end;
    }
  }
}

TEST_CASE("deep nesting ends") {
  CHECK(parse_markdown(std::string(50'000, '>') + " deep").has_value());
  CHECK(parse_markdown(std::string(50'000, '[')).has_value());
  CHECK(parse_markdown(std::string(50'000, '*') + "a").has_value());
}

}  // namespace
}  // namespace weir::app

#include "app/documents/chunker.h"

#include <doctest/doctest.h>

#include "app/documents/html_parser.h"
#include "app/documents/markdown_parser.h"
#include "app/documents/text_parser.h"
#include "app_samples.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::vector<data::Chunk> cut(std::string_view markdown, std::size_t target = 900) {
  const auto document = parse_markdown(markdown);
  REQUIRE(document.has_value());
  auto chunks = cut_into_chunks(*document, {.target_chars = target});
  REQUIRE(chunks.has_value());
  return *std::move(chunks);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("a short document is one passage, headings included") {
  const auto chunks = cut("# Refunds\n\nPaid within 5 days.\n\n- by card\n- in cash\n");
  REQUIRE(chunks.size() == 1);
  CHECK(chunks[0].text == "# Refunds\n\nPaid within 5 days.\n\n- by card\n- in cash");
  CHECK(chunks[0].heading == "Refunds");
  CHECK(chunks[0].begin == 0);
}

TEST_CASE("a section begins a passage, and a heading stays with what follows it") {
  const auto chunks =
      cut("# Install\n\nFirst this.\n\n## Debian\n\n### Twelve\n\nThen that.\n\n# Use\n\nSo.\n");
  REQUIRE(chunks.size() == 3);
  CHECK(chunks[1].text == "## Debian\n\n### Twelve\n\nThen that.");
  CHECK(chunks[1].heading == "Install > Debian > Twelve");
  CHECK(chunks[2].heading == "Use");
}

TEST_CASE("a list that fits is not torn apart, a long paragraph is cut between sentences") {
  const std::string list = repeated("- ten chars\n", 9);
  const auto chunks = cut(repeated("Lead sentence. ", 5) + "\n\n" + list, 100);
  CHECK(chunks.back().text.ends_with("- ten chars"));
  for (const data::Chunk& chunk : cut(repeated("This sentence has forty-one characters. ", 30), 200)) {
    CHECK(chunk.text.starts_with("This"));
    CHECK(chunk.text.ends_with("."));
  }
}

TEST_CASE("a table is cut between its rows, and every passage of it tells its header row") {
  const auto chunks =
      cut("# Prices\n\n| Item | Price |\n|---|---|\n" + repeated("| Apple | 1.50 |\n", 40), 200);
  REQUIRE(chunks.size() > 2);
  CHECK(chunks[0].heading == "Prices");
  CHECK(chunks[0].text.contains("| Item | Price |"));
  for (std::size_t i = 1; i < chunks.size(); ++i) {
    CHECK(chunks[i].heading == "Prices > | Item | Price |");
    CHECK(chunks[i].text.starts_with("| Apple"));
    CHECK(chunks[i].text.ends_with("1.50 |"));
  }
  const auto html =
      parse_html("<table><tr><th>A<th>B</tr>" + repeated("<tr><td>one<td>two</tr>", 60) + "</table>");
  const auto of_html = cut_into_chunks(*html, {.target_chars = 100});
  REQUIRE(of_html.has_value());
  CHECK(of_html->back().heading == "A | B");
}

TEST_CASE("a passage tells its pages") {
  ParsedDocument document{.text = "one two three",
                          .blocks = {{BlockKind::paragraph, 0, 3, 0, 4}, {BlockKind::paragraph, 4, 7, 0, 5}}};
  CHECK(cut_into_chunks(document, {})->at(0).heading == "p. 4–5");
  CHECK(cut_into_chunks(document, {.target_chars = 4})->at(1).heading == "p. 5");
}

TEST_CASE("a word longer than a passage is cut between characters") {
  const auto chunks = cut(repeated("漢", 1000), 100);
  CHECK(chunks.size() == 7);
  for (const data::Chunk& chunk : chunks) CHECK(is_valid_utf8(chunk.text));
}

TEST_CASE("what is no block's between two blocks does not make a passage long") {
  std::string references;
  for (int i = 0; i < 1000; ++i) references += "[r" + std::to_string(i) + "]: https://example.com/\n";
  const auto chunks = cut("# Links\n\nBefore.\n\n" + references + "\nAfter.\n");
  REQUIRE(chunks.size() == 2);
  CHECK(chunks[1].text == "After.");
}

TEST_CASE("a document that makes too many passages is refused") {
  const auto document = parse_markdown(repeated("# a\n\nb\n\n", 20));
  const auto refused = cut_into_chunks(*document, {.target_chars = 900, .chunks_max = 19});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::too_large);
  CHECK(cut_into_chunks(*document, {.target_chars = 900, .chunks_max = 20})->size() == 20);
}

TEST_CASE("passages count from zero") {
  const auto chunks = cut("# a\n\nb\n\n# c\n\nd\n");
  REQUIRE(chunks.size() == 2);
  CHECK(chunks[0].ordinal == 0);
  CHECK(chunks[1].ordinal == 1);
}

// What chunker.h promises of every document.
void check_promises(const ParsedDocument& document, std::size_t target) {
  const std::string_view text = document.text;
  const auto chunks = cut_into_chunks(document, {.target_chars = target});
  REQUIRE(chunks.has_value());
  std::vector<bool> held(text.size());
  std::uint64_t last_end = 0;
  for (const data::Chunk& chunk : *chunks) {
    REQUIRE(chunk.begin < chunk.end);
    REQUIRE(chunk.end <= text.size());
    CHECK(chunk.begin >= last_end);
    CHECK(chunk.text == text.substr(chunk.begin, chunk.end - chunk.begin));
    CHECK(is_valid_utf8(chunk.text));
    CHECK(count_code_points(chunk.text) <= target * 3 / 2);
    CHECK(is_valid_utf8(chunk.heading));
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) held[i] = true;
    last_end = chunk.end;
  }
  for (const Block& block : document.blocks) {
    for (std::size_t i = block.begin; i < block.end; ++i) {
      CHECK((held[i] || trim(text.substr(i, 1)).empty()));
    }
  }
}

TEST_CASE("passages are slices of the text, bounded, in order, and lose nothing") {
  SeededRandom random(11);
  for (int round = 0; round < 300; ++round) {
    const std::string page = test::random_markdown(random);
    const std::size_t target = 20 + test::below(random, 400);
    check_promises(parse_markdown(page).value(), target);
    check_promises(parse_text(page).value(), target);
    check_promises(parse_html(page).value(), target);
  }
}

}  // namespace
}  // namespace weir::app

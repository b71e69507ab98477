#include "app/chat/citations.h"

#include <doctest/doctest.h>

#include "app/documents/markdown_parser.h"
#include "app_samples.h"

namespace weir::app {
namespace {

const std::string kPage =
    "# Rückgabe\n\nWaren können zurückgegeben werden. Das Geld kommt in 5 Tagen.\n\n价格是一百元。含税。\n";

std::vector<PromptSource> sources_of(std::string_view page) {
  return prompt_sources(test::passages_of(parse_markdown(page).value()));
}

json::value location(int source, int first, int past, std::string_view cited = "") {
  return {{"type", "search_result_location"},
          {"search_result_index", source},
          {"start_block_index", first},
          {"end_block_index", past},
          {"cited_text", cited}};
}

TEST_CASE("blocks become the exact place in the document") {
  const auto sources = sources_of(kPage);
  const auto found = locate_citation(location(0, 2, 3, "Das Geld kommt in 5 Tagen."), sources, 17);
  REQUIRE(found.has_value());
  CHECK(found->cited_text == "Das Geld kommt in 5 Tagen.");
  CHECK(kPage.substr(found->begin, found->end - found->begin) == found->cited_text);
  CHECK(found->source_number == 1);
  CHECK(found->document_id == "doc_1");
  CHECK(found->answer_at == 17);
  const auto several = locate_citation(location(0, 1, 4), sources, 0);
  CHECK(several->cited_text.starts_with("Waren"));
  CHECK(several->cited_text.ends_with("价格是一百元。"));
}

TEST_CASE("white space may differ, words may not") {
  const auto sources = sources_of(kPage);
  CHECK(locate_citation(location(0, 1, 3, "Waren können zurückgegeben werden.Das  Geld kommt in 5 Tagen.\n"),
                        sources, 0));
  CHECK_FALSE(locate_citation(location(0, 1, 2, "Waren können nie zurückgegeben werden."), sources, 0));
  CHECK_FALSE(locate_citation(location(0, 1, 2, "Waren können"), sources, 0));
}

TEST_CASE("what names no place of ours is dropped") {
  const auto sources = sources_of(kPage);
  const int blocks = static_cast<int>(sources[0].blocks.size());
  CHECK(locate_citation(location(0, 0, blocks), sources, 0));
  for (const json::value& bad :
       {location(1, 0, 1), location(-1, 0, 1), location(0, 0, blocks + 1), location(0, 1, 1),
        location(0, 2, 1), location(0, -1, 1),
        json::value({{"type", "char_location"}, {"start_char_index", 0}, {"end_char_index", 3}}),
        json::value({{"type", "search_result_location"}}), json::value("text"), json::value(nullptr),
        json::value({{"type", "search_result_location"},
                     {"search_result_index", "0"},
                     {"start_block_index", 0},
                     {"end_block_index", 1}}),
        json::value({{"type", "search_result_location"},
                     {"search_result_index", 1e300},
                     {"start_block_index", 0},
                     {"end_block_index", 1}})}) {
    CHECK_FALSE(locate_citation(bad, sources, 0).has_value());
  }
  CHECK_FALSE(locate_citation(location(0, 0, 1), {}, 0).has_value());
}

TEST_CASE("every range of every page cites what stands there") {
  SeededRandom random(29);
  for (int round = 0; round < 200; ++round) {
    const std::string page = test::random_markdown(random);
    const auto sources = sources_of(page);
    for (std::size_t source = 0; source < sources.size(); ++source) {
      const std::size_t blocks = sources[source].blocks.size();
      const std::size_t first = test::below(random, blocks);
      const std::size_t past = first + 1 + test::below(random, blocks - first);
      const auto found = locate_citation(
          location(static_cast<int>(source), static_cast<int>(first), static_cast<int>(past)), sources, 0);
      REQUIRE(found.has_value());
      CHECK(page.substr(found->begin, found->end - found->begin) == found->cited_text);
    }
  }
}

}  // namespace
}  // namespace weir::app

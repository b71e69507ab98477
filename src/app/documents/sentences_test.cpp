#include "app/documents/sentences.h"

#include <doctest/doctest.h>

#include "app_samples.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::vector<std::string> sentences(std::string_view text) {
  std::vector<std::string> out;
  for (const Span& span : split_sentences(text))
    out.emplace_back(text.substr(span.begin, span.end - span.begin));
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("sentences end at their punctuation, with the quotes and brackets that close behind it") {
  CHECK(sentences("One. Two! Three?") == Texts{"One.", "Two!", "Three?"});
  CHECK(sentences("He said \"go.\" She went.") == Texts{"He said \"go.\"", "She went."});
  CHECK(sentences("(All of it.) Then **more.** End") == Texts{"(All of it.)", "Then **more.**", "End"});
  CHECK(sentences("価格は百円です。税込です。") == Texts{"価格は百円です。", "税込です。"});
}

TEST_CASE("abbreviations, initials, numbers and names of files do not end a sentence") {
  for (const std::string text :
       {"Use e.g. the first.", "Dr. Smith pays 3.14 EUR.", "J. Doe wrote weir.toml himself.",
        "Version 1.2.3 is out", "See (cf. Fig. 3) for more."}) {
    CHECK(sentences(text) == Texts{text});
  }
  CHECK(sentences("Pens, ink etc... The rest") == Texts{"Pens, ink etc...", "The rest"});
}

TEST_CASE("lines of lists, tables and headings stand for themselves, wrapped lines belong together") {
  CHECK(sentences("# Fees\nA line\nwraps.\n- one\n- two\n  goes on\n1. first\n| a | b |") ==
        Texts{"# Fees", "A line\nwraps.", "- one", "- two\n  goes on", "1. first", "| a | b |"});
}

TEST_CASE("nothing gives nothing") {
  CHECK(split_sentences("").empty());
  CHECK(split_sentences(" \n\t \r\n").empty());
}

TEST_CASE("sentences are in order, trimmed, whole characters, and hold everything that is not blank") {
  SeededRandom random(7);
  for (int round = 0; round < 500; ++round) {
    const std::string text = test::random_markdown(random);
    std::size_t at = 0;
    for (const Span& span : split_sentences(text)) {
      REQUIRE(span.begin >= at);
      REQUIRE(span.end > span.begin);
      CHECK(trim(std::string_view(text).substr(at, span.begin - at)).empty());
      const std::string sentence = text.substr(span.begin, span.end - span.begin);
      CHECK(is_valid_utf8(sentence));
      CHECK(sentence == trim(sentence));
      at = span.end;
    }
    CHECK(trim(std::string_view(text).substr(at)).empty());
  }
}

TEST_CASE("a million full stops take no longer than a million letters") {
  // Quadratic work would need hours here.
  CHECK(split_sentences(std::string(1'000'000, '.') + "x").size() == 1);
  CHECK(split_sentences(std::string(1'000'000, '\n') + "x").size() == 1);
  std::string dots;
  for (int i = 0; i < 300'000; ++i) dots += "!) ";
  CHECK(split_sentences(dots).size() == 300'000);
  std::string numbers;
  for (int i = 0; i < 300'000; ++i) numbers += "12. ";
  CHECK(split_sentences(numbers).size() == 300'000 - 1);
}

}  // namespace
}  // namespace weir::app

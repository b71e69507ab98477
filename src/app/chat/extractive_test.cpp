#include "app/chat/extractive.h"

#include <doctest/doctest.h>

#include "app/documents/markdown_parser.h"
#include "app_samples.h"

namespace weir::app {
namespace {

std::vector<PromptSource> sources_of(std::string_view page) {
  return prompt_sources(test::passages_of(parse_markdown(page).value()));
}

ChatAnswer ask(std::string_view question, std::string_view page) {
  return extractive_answer(question, sources_of(page));
}

const std::string kPage = R"(# Refunds

Orders can be returned within 30 days. The refund is paid within 5 working days.

## Exceptions

- Gift cards cannot be returned.
- Files of up to 20 MB are accepted as proof.

1. Send the parcel back to the warehouse.
)";

TEST_CASE("the answer is the sentence that shares most with the question, in quotation marks and cited") {
  const auto answer = ask("When is the refund paid?", kPage);
  CHECK(answer.kind == AnswerKind::extractive);
  CHECK(answer.text.starts_with("“The refund is paid within 5 working days.”"));
  REQUIRE_FALSE(answer.citations.empty());
  CHECK(answer.citations[0].cited_text == "The refund is paid within 5 working days.");
  CHECK(answer.citations[0].answer_at == std::string("“The refund is paid within 5 working days.”").size());
  CHECK(answer.sources.size() == sources_of(kPage).size());
}

TEST_CASE("plurals and endings do not hide a sentence") {
  for (const std::string_view question :
       {"How large may a file be?", "What is accepted as proof?", "Which size does a file have?"}) {
    CHECK(ask(question, kPage).text.contains("20 MB"));
  }
  CHECK(ask("Can a gift card be returned?", kPage).text.contains("Gift cards cannot be returned."));
}

TEST_CASE("a list's marker is not part of the quote") {
  CHECK(ask("Can gift cards be returned?", kPage).citations[0].cited_text ==
        "Gift cards cannot be returned.");
  CHECK(ask("Where is the parcel sent back?", kPage).citations[0].cited_text ==
        "Send the parcel back to the warehouse.");
}

TEST_CASE("a question that the documents do not answer gets no quotes") {
  for (const std::string_view question :
       {"Who won the chess tournament yesterday?", "", "?", "is the of and"}) {
    const auto answer = ask(question, kPage);
    CHECK(answer.kind == AnswerKind::no_answer);
    CHECK(answer.citations.empty());
    CHECK_FALSE(answer.text.empty());
  }
  CHECK(extractive_answer("When is the refund paid?", {}).kind == AnswerKind::no_answer);
}

TEST_CASE("headings, code fences and endless sentences are not quoted") {
  const auto below = ask("What about refunds?", "# Refunds and returns\n\nSee the desk.\n");
  CHECK(below.text == "“See the desk.”");  // what stands below a heading is about it
  CHECK(ask("What about refunds?", "# Refunds and returns\n\n## Refunds and more\n").kind ==
        AnswerKind::no_answer);
  std::string endless = "refund";
  for (int i = 0; i < 300; ++i) endless += " refund";
  CHECK(ask("refund?", endless + ".").kind == AnswerKind::no_answer);
}

TEST_CASE("the same sentence in two passages is quoted once, and at most three are") {
  const std::string section = "The refund is paid within 5 working days.\n\n";
  std::string page;
  for (int i = 0; i < 6; ++i) page += "# Part " + std::to_string(i) + "\n\n" + section;
  CHECK(ask("When is the refund paid?", page).citations.size() == 1);
  std::string many;
  for (int i = 0; i < 9; ++i) many += "Refund number " + std::to_string(i) + " is paid in working days. ";
  CHECK(ask("When is the refund paid in working days?", many).citations.size() == 3);
}

// What an extractive answer promises, whatever the documents hold.
void check_promises(const ChatAnswer& answer, const std::string& page) {
  std::size_t at = 0;
  for (const Citation& citation : answer.citations) {
    CHECK(page.substr(citation.begin, citation.end - citation.begin) == citation.cited_text);
    REQUIRE(citation.answer_at <= answer.text.size());
    const std::string said = answer.text.substr(at, citation.answer_at - at);
    CHECK(said == std::string(at == 0 ? "" : "\n\n") + "“" + citation.cited_text + "”");
    at = citation.answer_at;
  }
  if (answer.kind == AnswerKind::extractive) {
    CHECK(at == answer.text.size());  // nothing is said that is not quoted
    CHECK_FALSE(answer.citations.empty());
  }
}

TEST_CASE("every quote stands in the document at its offsets") {
  SeededRandom random(31);
  int answered = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string page = test::random_markdown(random);
    const auto answer = ask("Which limit has the refund, Größe or тариф?", page);
    check_promises(answer, page);
    answered += answer.kind == AnswerKind::extractive ? 1 : 0;
  }
  CHECK(answered > 100);
}

}  // namespace
}  // namespace weir::app

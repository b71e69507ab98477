#include "app/chat/answer_reader.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace weir::app {
namespace {

// As Claude streams a cited answer (recorded from the API): the citation comes before the words of its block.
constexpr std::string_view kStream =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":12,"output_tokens":1}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Short: "}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: "
    "content_block_start\n"
    R"(data: {"type":"content_block_start","index":1,"content_block":{"citations":[],"type":"text","text":""}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"cited_text":"c"}}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"5 da"}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ys ü"}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: "
    "message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})"
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

// "text", then "[c]" for a citation, in order.
std::string said(const std::vector<AnswerStep>& steps) {
  std::string out;
  for (const AnswerStep& step : steps) {
    if (const auto* text = std::get_if<TextDelta>(&step)) out += text->text;
    if (const auto* delta = std::get_if<CitationDelta>(&step)) {
      out += "[" + std::string(string_member(delta->citation, "cited_text")) + "]";
    }
  }
  return out;
}

TEST_CASE("a citation stands behind the words of its block") {
  AnswerReader reader;
  const auto steps = reader.feed(kStream);
  REQUIRE(steps.has_value());
  CHECK(said(*steps) == "Short: 5 days ü[c]");
  CHECK(reader.complete());
  CHECK(reader.stop_reason() == "end_turn");
  CHECK(reader.report().model == "claude-x");
}

TEST_CASE("the steps do not depend on how the bytes arrive") {
  SeededRandom random(41);
  for (int round = 0; round < 200; ++round) {
    AnswerReader reader;
    std::string all;
    for (std::size_t at = 0; at < kStream.size();) {
      const std::size_t size = 1 + random.next_u64() % 90;
      const auto steps = reader.feed(kStream.substr(at, size));
      REQUIRE(steps.has_value());
      all += said(*steps);
      at += size;
    }
    CHECK(all == "Short: 5 days ü[c]");
    CHECK(reader.complete());
  }
}

TEST_CASE("an answer that ends early is not complete") {
  AnswerReader reader;
  REQUIRE(reader.feed(kStream.substr(0, kStream.size() / 2)).has_value());
  CHECK_FALSE(reader.complete());
}

TEST_CASE("an error event and broken JSON are the provider's failure") {
  AnswerReader failing;
  const auto failed = failing.feed(
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == Code::upstream_failed);
  CHECK(failed.error().message.contains("Overloaded"));
  AnswerReader broken;
  CHECK(broken.feed("data: {\"type\":\n\n").error().code == Code::upstream_failed);
}

TEST_CASE("what it does not know is passed over") {
  AnswerReader reader;
  const auto steps = reader.feed(
      "data: {\"type\":\"new_thing\"}\n\n"
      "data: "
      "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
      "data: {\"type\":\"content_block_delta\"}\n\ndata: []\n\n: comment\n\n");
  REQUIRE(steps.has_value());
  CHECK(steps->empty());
}

}  // namespace
}  // namespace weir::app

#include "data/stream_events.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "net/sse/sse.h"

namespace weir::data {
namespace {

// The ends of the events of `text`, fed in pieces of at most `piece_max` bytes.
std::vector<std::size_t> ends_of(std::string_view text, std::size_t piece_max, Random& random) {
  EventMarks marks;
  std::vector<std::size_t> ends;
  std::size_t at = 0;
  while (at < text.size()) {
    std::string_view piece = text.substr(at, 1 + random.next_u64() % piece_max);
    EventMark mark{};
    do {
      const std::size_t taken = marks.next(piece, mark);
      piece.remove_prefix(taken);
      at += taken;
      if (mark == EventMark::event_end) ends.push_back(at);
      if (mark == EventMark::late_lf) ++ends.back();
    } while (mark != EventMark::none);
  }
  return ends;
}

std::vector<std::size_t> ends_of(std::string_view text) {
  SeededRandom random(1);
  return ends_of(text, 1'000'000'000, random);
}

using Ends = std::vector<std::size_t>;

TEST_CASE("events end behind their empty line, whatever ends a line") {
  CHECK(ends_of("data: a\n\ndata: b\n\n") == Ends{9, 18});
  CHECK(ends_of("data: a\r\n\r\ndata: b\r\n\r\n") == Ends{11, 22});
  CHECK(ends_of("data: a\r\rdata: b\r\r") == Ends{9, 18});
  CHECK(ends_of("event: x\ndata\n\n") == Ends{15});
  CHECK(ends_of("\xEF\xBB\xBF"
                "data: a\n\n") == Ends{12});
}

TEST_CASE("what a parser does not dispatch has no number") {
  CHECK(ends_of(": comment\n\ndata: a\n\n").size() == 1);
  CHECK(ends_of("event: x\n\ndatabase: y\n\n data: z\n\n\n\n").empty());
  CHECK(ends_of("event: x\n\ndata: unfinished\n").empty());
}

// Whatever the bytes and the pieces, the count is that of Weir's own parser, and each end is a place
// from which a fresh parser reads the rest.
TEST_CASE("random streams agree with the parser, in one piece and in many") {
  SeededRandom random(20'260'101);
  constexpr std::array<std::string_view, 9> kWords{"data: x", "data", ":", "event: e", "\n",
                                                   "\r\n",    "\r",   "d", "\n\n"};
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (std::uint64_t i = random.next_u64() % 40; i > 0; --i)
      text += kWords[random.next_u64() % kWords.size()];
    const auto count = [](std::string_view bytes) {
      net::SseParser parser;
      std::size_t events = 0;
      REQUIRE(parser.feed(bytes, [&](const net::SseEvent&) { ++events; }));
      return events;
    };
    const Ends ends = ends_of(text);
    REQUIRE(ends.size() == count(text));
    REQUIRE(ends_of(text, 3, random) == ends);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      REQUIRE(count(std::string_view(text).substr(0, ends[i])) == i + 1);
      REQUIRE(count(std::string_view(text).substr(ends[i])) == ends.size() - i - 1);
    }
  }
}

TEST_CASE("a field put before the empty line belongs to the event") {
  const std::string_view text = "event: a\ndata: 1\n\n: c\n\ndata: 2\r\n\r\ndata: 3\r\r";
  EventMarks marks;
  std::string with_ids;
  int number = 0;
  std::string_view rest = text;
  EventMark mark{};
  do {
    const std::size_t taken = marks.next(rest, mark);
    with_ids += rest.substr(0, taken);
    rest.remove_prefix(taken);
    if (mark == EventMark::blank_line) with_ids += "id: " + std::to_string(++number) + "\n";
  } while (mark != EventMark::none);
  std::string seen;
  net::SseParser parser;
  REQUIRE(parser.feed(with_ids, [&](const net::SseEvent& event) {
    seen += std::string(event.id) + "=" + std::string(event.data) + " ";
  }));
  CHECK(seen == "1=1 2=2 3=3 ");
}

}  // namespace
}  // namespace weir::data

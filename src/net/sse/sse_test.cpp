#include "net/sse/sse.h"

#include <doctest/doctest.h>

namespace weir::net {
namespace {

struct Seen {
  std::string event, data, id;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> read_in_pieces(std::string_view text, std::size_t piece) {
  SseParser parser;
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto fed = parser.feed(text.substr(at, piece), [&seen](const SseEvent& e) {
      seen.push_back({std::string(e.event), std::string(e.data), std::string(e.id)});
    });
    REQUIRE(fed);
  }
  return seen;
}

// Whatever the pieces, the events are the same.
std::vector<Seen> read_events(std::string_view text) {
  const auto whole = read_in_pieces(text, text.size());
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    CAPTURE(piece);
    CHECK(read_in_pieces(text, piece) == whole);
  }
  return whole;
}

std::string doctest_string(const std::vector<Seen>& seen) {
  std::string out;
  for (const Seen& s : seen) out += "[" + s.event + "|" + s.data + "|" + s.id + "]";
  return out;
}

TEST_CASE("sse: the ends of lines are LF, CRLF and CR, also mixed") {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    CAPTURE(end);
    std::string text;
    for (const std::string_view line : {"event: a", "data: 1", "", "data: 2", "data: 3", "", "data: lost"}) {
      text += line;
      text += end;
    }
    CHECK(doctest_string(read_events(text)) == "[a|1|][|2\n3|]");
  }
  CHECK(doctest_string(read_events("data: 1\r\ndata: 2\rdata: 3\n\r\n")) == "[|1\n2\n3|]");
}

TEST_CASE("sse: a byte order mark is skipped at the start only") {
  CHECK(doctest_string(read_events("\xEF\xBB\xBF" "data: 1\n\n\xEF\xBB\xBF" "data: 2\n\ndata: 3\n\n")) ==
        "[|1|][|3|]");
  CHECK(doctest_string(read_events("\xEF\xBB\xBF\ndata: 1\n\n")) == "[|1|]");
}

TEST_CASE("sse: comments, unknown fields and retry are ignored, one space is dropped") {
  CHECK(doctest_string(read_events(": hello\nretry: 5\nfoo: bar\ndata:a\ndata: b\ndata:  c\ndata\n\n")) ==
        "[|a\nb\n c\n|]");
}

TEST_CASE("sse: an event without data is none and does not name the next") {
  CHECK(doctest_string(read_events("event: a\n\ndata: 1\n\ndata:\n\n")) == "[|1|][||]");
}

TEST_CASE("sse: the last id stays, an id with NUL is ignored") {
  const std::string text("id: 7\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid\ndata: d\n\n", 53);
  CHECK(doctest_string(read_events(text)) == "[|a|7][|b|7][|c|7][|d|]");
}

TEST_CASE("sse: an event over the limit is too_large, whether in one line or in many") {
  const auto ignore = [](const SseEvent&) {};
  SseParser one_line(16);
  REQUIRE(one_line.feed("data: 012345", ignore));
  const auto overlong = one_line.feed("67890", ignore);
  REQUIRE_FALSE(overlong);
  CHECK(overlong.error().code == Code::too_large);

  SseParser many_lines(16);
  CHECK(many_lines.feed("data: 0123\n\ndata: 0123\n\n", ignore));
  CHECK_FALSE(many_lines.feed("data: 01234567\ndata: 01234567\n", ignore));
}

TEST_CASE("sse: what is written is read back") {
  std::string out;
  append_sse(out, "delta", "one\ntwo\r\nthree\rfour", "5");
  append_sse(out, "", "");
  append_sse(out, "a\ndata: forged", "x", "1\r2");
  CHECK(out ==
        "event: delta\nid: 5\ndata: one\ndata: two\ndata: three\ndata: four\n\n"
        "data: \n\n"
        "event: a\nid: 1\ndata: x\n\n");
  CHECK(doctest_string(read_events(out)) == "[delta|one\ntwo\nthree\nfour|5][||5][a|x|1]");
}

}  // namespace
}  // namespace weir::net

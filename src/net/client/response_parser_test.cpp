#include "net/client/response_parser.h"

#include <doctest/doctest.h>

namespace weir::net {
namespace {

constexpr std::size_t kHeadMax = 1024;

struct Parsed {
  int status = 0;
  std::string fields, body, error;
  bool complete = false, reusable = false;
  bool operator==(const Parsed&) const = default;
};

enum class Then : std::uint8_t { stay_open, close };

Parsed parse_in_pieces(std::string_view text, std::size_t piece, Then then, bool answers_head) {
  ResponseParser parser(kHeadMax, answers_head);
  Parsed parsed;
  const auto take = [&](Result<> result) {
    parsed.body += parser.body();
    if (!result) {
      CHECK(result.error().code == Code::upstream_failed);
      parsed.error = result.error().message;
    }
    return result.has_value();
  };
  bool good = true;
  for (std::size_t at = 0; good && at < text.size(); at += piece) {
    std::string bytes(text.substr(at, piece));
    good = take(parser.feed(bytes));
  }
  if (good && then == Then::close) take(parser.end_of_stream());
  if (parser.head_complete()) {
    parsed.status = parser.status();
    for (const Field f : parser.headers()) parsed.fields += std::string(f.name) + "=" + std::string(f.value) + ";";
  }
  parsed.complete = parser.complete();
  parsed.reusable = parser.complete() && parser.reusable();
  return parsed;
}

// Whatever the pieces, a good answer means the same; a bad one is refused.
Parsed parse(std::string_view text, Then then = Then::stay_open, bool answers_head = false) {
  const Parsed whole = parse_in_pieces(text, text.size(), then, answers_head);
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    CAPTURE(piece);
    const Parsed again = parse_in_pieces(text, piece, then, answers_head);
    if (whole.error.empty()) CHECK((again == whole));
    if (!whole.error.empty()) CHECK_FALSE(again.error.empty());
  }
  return whole;
}

TEST_CASE("response: content-length") {
  const Parsed r = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Empty:\r\nX-A: 1\r\nx-a:  2 \r\n\r\nhello");
  CHECK(r.error == "");
  CHECK(r.status == 200);
  CHECK(r.fields == "content-length=5;x-empty=;x-a=1;x-a=2;");
  CHECK(r.body == "hello");
  CHECK(r.reusable);
}

TEST_CASE("response: chunks of one piece lie together") {
  const Parsed r = parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1;ext=\"x\"\r\n \r\n5\r\nworld\r\n0\r\nTrailer: ignored\r\n\r\n");
  CHECK(r.error == "");
  CHECK(r.body == "hello world");
  CHECK(r.fields == "transfer-encoding=chunked;");
  CHECK(r.complete);
  CHECK(r.reusable);
}

TEST_CASE("response: until the connection closes") {
  constexpr std::string_view text = "HTTP/1.1 200 OK\r\n\r\nsome bytes";
  const Parsed open = parse(text);
  CHECK_FALSE(open.complete);
  const Parsed closed = parse(text, Then::close);
  CHECK(closed.body == "some bytes");
  CHECK(closed.complete);
  CHECK_FALSE(closed.reusable);
}

TEST_CASE("response: interim responses are skipped") {
  const Parsed r = parse(
      "HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
      "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n");
  CHECK(r.error == "");
  CHECK(r.status == 429);
  CHECK(r.fields == "retry-after=3;content-length=0;");
  CHECK(r.reusable);
}

TEST_CASE("response: 204, 304 and answers to HEAD have no body") {
  CHECK(parse("HTTP/1.1 204 No Content\r\n\r\n").reusable);
  CHECK(parse("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n").reusable);
  CHECK(parse("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", Then::stay_open, true).reusable);
  CHECK(parse("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Then::stay_open, true).reusable);
}

TEST_CASE("response: when the connection can carry another request") {
  CHECK_FALSE(parse("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi").reusable);
  CHECK_FALSE(parse("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi").reusable);
  CHECK(parse("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi").reusable);
  const Parsed followed = parse("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n");
  CHECK(followed.body == "hi");
  CHECK(followed.complete);
  CHECK_FALSE(followed.reusable);
}

TEST_CASE("response: an early end is an error") {
  for (const std::string_view text :
       {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 100 Continue\r\n\r\n", "H"}) {
    CAPTURE(text);
    CHECK(parse(text).error == "");
    const Parsed closed = parse(text, Then::close);
    CHECK(closed.error.contains("closed the connection"));
    CHECK_FALSE(closed.complete);
  }
}

TEST_CASE("response: broken framing is refused") {
  for (const std::string_view text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloXX"}) {
    CAPTURE(text);
    CHECK(parse(text).error != "");
  }
}

TEST_CASE("response: a head, trailers or framing without end are refused") {
  std::string endless = "HTTP/1.1 200 OK\r\n";
  while (endless.size() < 2 * kHeadMax) endless += "x-field: value\r\n";
  std::string interim;
  while (interim.size() < 2 * kHeadMax) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  std::string trailers = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n";
  while (trailers.size() < 3 * kHeadMax) trailers += "x-field: value\r\n";
  const std::string extension =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1;" + std::string(3 * kHeadMax, 'a');
  for (const std::string& text : {endless, interim, trailers, extension}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{1000}}) {
      CHECK(parse_in_pieces(text, piece, Then::stay_open, false).error.contains("larger than 1024"));
    }
  }
}

}  // namespace
}  // namespace weir::net

#include "net/http1/parser.h"

#include <doctest/doctest.h>

namespace weir::net::http1 {
namespace {

// What a parser makes of some bytes; `bytes` come in pieces of `cut` bytes.
struct Outcome {
  int status = 0;  // of a refusal, 0 when none
  std::string reason;
  Request request;
  std::string body;
  bool done = false;
  bool keep_alive = false;
  bool expects_continue = false;
  std::size_t unused = 0;  // bytes after the request
};

Outcome parse(std::string_view bytes, std::size_t cut = 1'000'000, const ServerConfig& limits = {}) {
  Outcome outcome;
  RequestParser parser(limits, outcome.request);
  std::string buffer;
  while (!outcome.done && outcome.status == 0) {
    std::string_view input = buffer;
    const auto event = parser.next(input);
    if (event == RequestParser::Event::body) outcome.body += parser.piece();
    if (event == RequestParser::Event::done) outcome.done = true;
    if (event == RequestParser::Event::head) {
      outcome.keep_alive = parser.keep_alive();
      outcome.expects_continue = parser.expects_continue();
    }
    if (event == RequestParser::Event::refused) {
      outcome.status = parser.refusal().status;
      outcome.reason = parser.refusal().reason;
    }
    buffer.erase(0, buffer.size() - input.size());
    if (event == RequestParser::Event::need_more) {
      if (bytes.empty()) break;
      buffer += bytes.substr(0, cut);
      bytes.remove_prefix(std::min(cut, bytes.size()));
    }
  }
  outcome.unused = buffer.size() + bytes.size();
  return outcome;
}

// The status of the refusal, the same however the bytes are cut.
int refused(std::string_view bytes, const ServerConfig& limits = {}) {
  const int whole = parse(bytes, 1'000'000, limits).status;
  CHECK(parse(bytes, 1, limits).status == whole);
  CHECK(parse(bytes, 7, limits).status == whole);
  return whole;
}

// Between a correct request line with Host and the end of the head.
std::string with(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string chunked(std::string_view body) {
  return with("Transfer-Encoding: chunked\r\n") + std::string(body);
}

}  // namespace

TEST_CASE("a request is read, whole or byte by byte") {
  const std::string bytes =
      "POST /a%20b?c=d HTTP/1.1\r\nHost: example.com\r\nX-Empty:\r\nX-One: \t one two \t\r\n"
      "Content-Length: 5\r\n\r\nhelloGET";
  for (const std::size_t cut : {1UZ, 2UZ, 3UZ, 1'000UZ}) {
    const Outcome outcome = parse(bytes, cut);
    REQUIRE(outcome.done);
    CHECK(outcome.request.method == "POST");
    CHECK(outcome.request.target == "/a%20b?c=d");
    CHECK(outcome.request.path == "/a b");
    CHECK(outcome.request.query == "c=d");
    CHECK(outcome.request.authority == "example.com");
    CHECK(outcome.request.content_length == 5);
    CHECK(outcome.request.has_body);
    CHECK(outcome.request.headers.get("x-one") == "one two");
    CHECK(outcome.request.headers.find("x-empty") == "");
    CHECK(outcome.request.headers.size() == 4);
    CHECK(outcome.body == "hello");
    CHECK(outcome.unused == 3);
  }
}

TEST_CASE("RFC 9112 2.2: one empty line before the request line is skipped, a second is not") {
  CHECK(parse("\r\n" + with("")).done);
  CHECK(refused("\r\n\r\n" + with("")) == 400);
}

TEST_CASE("RFC 9112 2.2: bare LF and bare CR are refused") {
  CHECK(refused("GET / HTTP/1.1\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\n\n") == 400);
  CHECK(refused(with("X: a\rb\r\n")) == 400);
  CHECK(refused("GET / HTTP/1.1\rHost: a\r\n\r\n") == 400);
  CHECK(refused(with("X: a\r\r\n")) == 400);
}

TEST_CASE("RFC 9112 3: the request line is method SP target SP version, nothing else") {
  for (const std::string_view line :
       {"GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET\t/ HTTP/1.1", "GET / HTTP/1.1 x",
        "GET /", "GET", "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/1.1.1", "GET / HTTP/11",
        "GET / XTTP/1.1", "G@T / HTTP/1.1", "GET /a b HTTP/1.1", "GET /\xC3\xA9 HTTP/1.1",
        "GET /\x01 HTTP/1.1", "/ HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(refused(std::string(line) + "\r\nHost: a\r\n\r\n") == 400);
  }
  CHECK(refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  CHECK(refused("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == 505);
  CHECK(refused("GET / HTTP/0.9\r\nHost: a\r\n\r\n") == 505);
  CHECK(refused("FROB / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refused("get / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
}

TEST_CASE("RFC 9112 3.2: the four forms of the target") {
  CHECK(refused("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refused("GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET * HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET foo HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.path == "*");
  // RFC 9112 3.2.2: the authority of an absolute-form wins over Host.
  const Outcome absolute = parse("GET http://example.com:81?q HTTP/1.1\r\nHost: other\r\n\r\n");
  REQUIRE(absolute.done);
  CHECK(absolute.request.authority == "example.com:81");
  CHECK(absolute.request.headers.get("host") == "example.com:81");
  CHECK(absolute.request.headers.count("host") == 1);
  CHECK(absolute.request.target == "/?q");
  CHECK(absolute.request.path == "/");
  CHECK(absolute.request.query == "q");
}

TEST_CASE("paths that could be read in two ways are refused") {
  for (const std::string_view path :
       {"/%00", "/..", "/a%2fb", "/a%5Cb", "/a\\b", "/%c0%af", "/a#b", "/%2e%2e/"}) {
    CAPTURE(path);
    CHECK(refused("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  }
}

TEST_CASE("RFC 9112 3.2: Host is there exactly once and valid") {
  CHECK(refused("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(parse("GET / HTTP/1.0\r\n\r\n").done);
}

TEST_CASE("RFC 9112 5.1: no whitespace before the colon, and names are tokens") {
  CHECK(refused(with("X : a\r\n")) == 400);
  CHECK(refused(with("X\t: a\r\n")) == 400);
  CHECK(refused(with("Content-Length : 5\r\n")) == 400);
  CHECK(refused(with("X Y: a\r\n")) == 400);
  CHECK(refused(with("X(Y): a\r\n")) == 400);
  CHECK(refused(with("X\xC3\xA9: a\r\n")) == 400);
  CHECK(refused(with(": a\r\n")) == 400);
  CHECK(refused(with("no colon\r\n")) == 400);
}

TEST_CASE("RFC 9112 5.2: line folding is refused") {
  CHECK(refused(with("X: a\r\n b\r\n")) == 400);
  CHECK(refused(with("X: a\r\n\tb\r\n")) == 400);
  CHECK(refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n") == 400);
  CHECK(refused(with("Transfer-Encoding:\r\n chunked\r\n")) == 400);
}

TEST_CASE("RFC 9110 5.5: NUL and other control characters in values are refused") {
  CHECK(refused(with(std::string("X: a") + '\0' + "b\r\n")) == 400);
  for (const char c : {'\x01', '\x08', '\x0B', '\x0C', '\x1F', '\x7F'}) {
    CHECK(refused(with(std::string("X: a") + c + "b\r\n")) == 400);
  }
  CHECK(parse(with("X: a\tb \xC3\xA9\r\n")).done);
}

TEST_CASE("RFC 9112 6.1: Content-Length and Transfer-Encoding together are refused") {
  CHECK(refused(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n") == 400);
  CHECK(refused(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n") == 400);
}

TEST_CASE("RFC 9112 6.1: transfer codings") {
  CHECK(refused("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
  for (const std::string_view coding : {"identity", "gzip", "chunked, gzip", "chunked, chunked", "",
                                        "xchunked", "chunkedx", "\"chunked\"", "chunked;q=1",
                                        "\x0B"
                                        "chunked",
                                        "chunked,"}) {
    CAPTURE(coding);
    CHECK(refused(with("Transfer-Encoding: " + std::string(coding) + "\r\n")) == 400);
  }
  CHECK(refused(with("Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(refused(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(refused(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")) == 400);
  CHECK(parse(with("Transfer-Encoding: CHUNKED\r\n") + "0\r\n\r\n").done);
}

TEST_CASE("RFC 9112 6.3: Content-Length is one decimal number") {
  for (const std::string_view length :
       {"", "+5", "-5", "5,5", "5, 5", "5 5", "0x5", "5.0", "5a", "five", "99999999999999999999",
        "18446744073709551616", "9223372036854775808", "\"5\"", "1_000"}) {
    CAPTURE(length);
    CHECK(refused(with("Content-Length: " + std::string(length) + "\r\n") + "hello") == 400);
  }
  CHECK(refused(with("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello") == 400);
  CHECK(refused(with("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!") == 400);
  CHECK(refused(with("Content-Length: 545259521\r\n")) == 413);
  CHECK(parse(with("Content-Length: 0005\r\n") + "hello").body == "hello");
  CHECK(parse(with("Content-Length: 0\r\n")).done);
}

TEST_CASE("RFC 9112 7.1: a chunk size is hexadecimal digits and nothing else") {
  for (const std::string_view size : {"0x5", "+5", "-5", "5_0", " 5", "5 ", "5\t", "", "g", "5 ;a", "\t5",
                                      "00000000000000005", "fffffffffffffffff"}) {
    CAPTURE(size);
    CHECK(refused(chunked(std::string(size) + "\r\nhello\r\n0\r\n\r\n")) == 400);
  }
  CHECK(refused(chunked("ffffffffffffffff\r\n")) == 413);
  CHECK(parse(chunked("0000000000000005\r\nhello\r\n0\r\n\r\n")).body == "hello");
  CHECK(parse(chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n")).body == "01234567890123456789");
}

TEST_CASE("RFC 9112 7.1: chunk lines and data end with CRLF") {
  CHECK(refused(chunked("5\nhello\r\n0\r\n\r\n")) == 400);
  CHECK(refused(chunked("5\rhello\r\n0\r\n\r\n")) == 400);
  CHECK(refused(chunked("5\r\nhello\n0\r\n\r\n")) == 400);
  CHECK(refused(chunked("5\r\nhello0\r\n\r\n")) == 400);
  CHECK(refused(chunked("5\r\nhelloXX0\r\n\r\n")) == 400);
  CHECK(refused(chunked("5\r\nhello\r\n0\n\n")) == 400);
  CHECK(refused(chunked("0\r\n\rX")) == 400);
}

TEST_CASE("RFC 9112 7.1.1: chunk extensions are checked, bounded and dropped") {
  CHECK(parse(chunked("5;a;b=c;d=\"e;\\\"f\"\r\nhello\r\n0;x\r\n\r\n")).body == "hello");
  for (const std::string_view extension : {";", ";;a", ";a=", ";=b", ";a b", "; a", ";a =b", ";a= b",
                                           ";a=\"b", ";a\x01", ";a=b@", ";a,b", ";a\n"}) {
    CAPTURE(extension);
    CHECK(refused(chunked("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n")) == 400);
  }
  CHECK(refused(chunked("5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n")) == 400);
}

TEST_CASE("RFC 9110 6.5.1: trailers are checked, bounded and never merged") {
  const Outcome outcome = parse(chunked("0\r\nX-Late: 1\r\nContent-Length: 5\r\n\r\nrest"));
  REQUIRE(outcome.done);
  CHECK(!outcome.request.headers.contains("x-late"));
  CHECK(!outcome.request.headers.contains("content-length"));
  CHECK(outcome.unused == 4);
  CHECK(refused(chunked("0\r\nX : 1\r\n\r\n")) == 400);
  CHECK(refused(chunked("0\r\n folded\r\n\r\n")) == 400);
  CHECK(refused(chunked("0\r\nno colon\r\n\r\n")) == 400);
  CHECK(refused(chunked("0\r\nX: a\nY: b\r\n\r\n")) == 400);
  CHECK(refused(chunked("0\r\nX: " + std::string(5'000, 'a') + "\r\n\r\n")) == 431);
}

TEST_CASE("limits: head, fields, target, body") {
  ServerConfig limits;
  limits.head_size_max = 1'024;
  limits.fields_max = 3;
  limits.target_size_max = 100;
  limits.body_size_max = 10;
  CHECK(refused(with("X: " + std::string(2'000, 'a') + "\r\n"), limits) == 431);
  CHECK(refused(with("A: 1\r\nB: 2\r\nC: 3\r\n"), limits) == 431);
  CHECK(parse(with("A: 1\r\nB: 2\r\n"), 1, limits).done);
  CHECK(refused("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits) == 414);
  CHECK(parse("GET /" + std::string(99, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 1, limits).done);
  CHECK(refused(with("Content-Length: 11\r\n"), limits) == 413);
  CHECK(refused(chunked("6\r\nhello!\r\n5\r\n"), limits) == 413);
}

TEST_CASE("RFC 9112 9.3: who keeps the connection open") {
  CHECK(parse(with("")).keep_alive);
  CHECK(!parse(with("Connection: close\r\n")).keep_alive);
  CHECK(!parse(with("Connection: x, Close\r\n")).keep_alive);
  CHECK(!parse(with("Connection: keep-alive\r\nConnection: close\r\n")).keep_alive);
  CHECK(!parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  CHECK(!parse("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
}

TEST_CASE("RFC 9110 10.1.1: Expect") {
  CHECK(parse(with("Expect: 100-Continue\r\nContent-Length: 1\r\n") + "x").expects_continue);
  CHECK(!parse(with("Expect: 100-continue\r\n")).expects_continue);
  CHECK(refused(with("Expect: 200-ok\r\n")) == 417);
}

TEST_CASE("an Upgrade is ignored (RFC 9110 7.8), and a second request follows") {
  const Outcome outcome = parse(with("Connection: upgrade\r\nUpgrade: h2c\r\n") + "GET");
  CHECK(outcome.done);
  CHECK(outcome.unused == 3);
}

}  // namespace weir::net::http1

// RFC 9110 and RFC 9112 over a real socket: one named test for each requirement on heads and answers. What
// is refused here is refused as a whole: one answer, the connection closed, and what follows on it is
// never taken for a request.
#include "net_conformance.h"

namespace weir::net::test {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("RFC 9112 2.2: a bare LF ends no line") {
  refuses({"GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\nHost: a\n\n",
           "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", post("X: a\nY: b\r\n"), chunked("5\nhello\r\n0\r\n\r\n"),
           chunked("5\r\nhello\n0\r\n\r\n"), chunked("5\r\nhello\r\n0\n\r\n"),
           chunked("5\r\nhello\r\n0\r\n\n"), chunked("5;a\nhello\r\n0\r\n\r\n"), chunked("0\r\nX: a\n\r\n")});
}

TEST_CASE("RFC 9112 2.2: a bare CR is invalid") {
  refuses({"GET / HTTP/1.1\rHost: a\r\n\r\n", "GET / HTTP/1.1\r\rHost: a\r\n\r\n", post("X: a\rb\r\n"),
           post("X: a\r\r\n"), post("X: a\r Y: b\r\n"), "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
           "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
           chunked("5\rhello\r\n0\r\n\r\n"), chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"),
           chunked("5;a\rhello\r\n0\r\n\r\n"), chunked("5\r\nhello\r0\r\n\r\n"), chunked("0\r\n\rX"),
           chunked("0\r\nX: a\rb\r\n\r\n")});
}

TEST_CASE("RFC 9112 2.2: one empty line before a request is skipped, nothing else is") {
  accepts({"\r\n" + line("GET / HTTP/1.1")});
  refuses(
      {"\r\n\r\n" + line("GET / HTTP/1.1"), " \r\n" + line("GET / HTTP/1.1"), "\t" + line("GET / HTTP/1.1")});
}

TEST_CASE("RFC 9112 2.2: whitespace between the request line and the first field is refused") {
  refuses({"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\n\tHost: a\r\nHost: b\r\n\r\n",
           "GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n"});
}

TEST_CASE("RFC 9112 2.3: HTTP versions") {
  refuses({line("GET / HTTP/2.0"), line("GET / HTTP/1.2"), line("GET / HTTP/0.9"), line("GET / HTTP/9.9")},
          "505");
  refuses({line("GET / http/1.1"), line("GET / HTTP/1"), line("GET / HTTP/1."), line("GET / HTTP/01.1"),
           line("GET / HTTP/1.01"), line("GET / HTTP/1.10"), line("GET / HTTP/ 1.1"), line("GET / HTTP /1.1"),
           line("GET / HTTP/1,1"), line("GET / HTTP/1.1a"), line("GET / HTTP/+1.1"), line("GET / HTTP/1.-1"),
           line("GET / HTTPS/1.1"), line("GET / FTP/1.1"), line("GET / HTTP1.1"), line("GET / HTTP/one.one"),
           line("GET /"), line("GET")});
}

TEST_CASE("RFC 9113 3.4: what is neither HTTP/1.1 nor a preface gets no answer in HTTP/1.1") {
  Site site;
  for (const std::string& message : {line("HTTP/1.1 200 OK"), line("PRI * nonsense")}) {
    CAPTURE(message);
    RawClient client(site.port());
    client.send(message + std::string(kSecond));
    CHECK(client.read_to_end().empty());
    CHECK(site.seconds() == 0);
  }
}

TEST_CASE("RFC 9112 3: the request line is method SP target SP version") {
  refuses({line("GET  / HTTP/1.1"), line("GET /  HTTP/1.1"), line("GET / HTTP/1.1 "), line(" GET / HTTP/1.1"),
           line("GET\t/ HTTP/1.1"), line("GET /\tHTTP/1.1"), line("GET\v/ HTTP/1.1"),
           line("GET\xA0/ HTTP/1.1"), line("GET / a HTTP/1.1"), line("GET  HTTP/1.1"), line("/ HTTP/1.1"),
           line("GET:/ HTTP/1.1"), line("G(T / HTTP/1.1"), line("G\xC3\x89T / HTTP/1.1"),
           line("G\x01T / HTTP/1.1"), line("\" / HTTP/1.1")});
}

TEST_CASE("RFC 9110 9.1: methods are case-sensitive, and one that nobody knows is 501") {
  refuses({line("get / HTTP/1.1"), line("Get / HTTP/1.1"), line("XGET / HTTP/1.1"), line("BREW / HTTP/1.1"),
           line("GETT / HTTP/1.1")},
          "501");
}

TEST_CASE("RFC 9112 3.2.3: CONNECT is refused, in every form") {
  refuses({line("CONNECT a:443 HTTP/1.1"), line("CONNECT / HTTP/1.1"), line("CONNECT http://a/ HTTP/1.1"),
           "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\nhello"},
          "501");
  refuses({line("GET a:443 HTTP/1.1")});
}

TEST_CASE("RFC 9112 3.2.4: the asterisk-form belongs to OPTIONS") {
  accepts({line("OPTIONS * HTTP/1.1")});
  refuses({line("GET * HTTP/1.1"), line("POST * HTTP/1.1"), line("HEAD * HTTP/1.1"),
           line("OPTIONS ** HTTP/1.1"), line("OPTIONS *x HTTP/1.1")});
}

TEST_CASE("RFC 9112 3.2.2: an absolute-form is accepted, and its authority replaces Host") {
  Site site;
  for (const std::string_view target :
       {"http://b.example/fields", "HTTP://b.example/fields", "https://b.example/fields"}) {
    const std::string answer =
        site.ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    CHECK(answer.contains("host=b.example;"));
    CHECK(!answer.contains("host=a;"));
  }
  refuses({line("GET http:/a HTTP/1.1"), line("GET http:///x HTTP/1.1"), line("GET http://u:p@a/ HTTP/1.1"),
           line("GET http://a:99999/ HTTP/1.1"), line("GET http://a b/ HTTP/1.1"),
           line("GET http://a,b/ HTTP/1.1"), line("GET http://a\\b/ HTTP/1.1"), line("GET ftp://a/ HTTP/1.1"),
           line("GET javascript:x HTTP/1.1"), line("GET //a HTTP/1.1x"), line("GET a/b HTTP/1.1"),
           // The absolute-form does not excuse a Host that is missing or wrong (RFC 9112 §3.2).
           "GET http://a/ HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
           "GET http://a/ HTTP/1.1\r\nHost: @\r\n\r\n"});
}

TEST_CASE("RFC 9112 3.2: Host is there exactly once and valid") {
  refuses({"GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: b\r\n\r\n",
           "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
           hosted(""),
           hosted(" "),
           hosted(" a, b"),
           hosted(" a b"),
           hosted(" u@a"),
           hosted(" u:p@a"),
           hosted(" a/b"),
           hosted(" /"),
           hosted(" http://a"),
           hosted(" a:x"),
           hosted(" a:-1"),
           hosted(" a:65536"),
           hosted(" a:80:80"),
           hosted(" :80"),
           hosted(" a?b"),
           hosted(" a#b"),
           hosted(" a\\b"),
           hosted(" <a>"),
           hosted(" a%00"),
           hosted(" [::1"),
           hosted(" [a]"),
           hosted(" \xC3\xA9"),
           hosted(" \"a\""),
           hosted(" a;b@c")});
  accepts({hosted(" a"), hosted("a"), hosted(" \t a \t"), hosted(" a:80"), hosted(" [::1]:80"),
           hosted(" 127.0.0.1")});
}

TEST_CASE("RFC 9112 5.1: no whitespace before the colon") {
  refuses({post("X : a\r\n"), post("X\t: a\r\n"), post("Content-Length : 5\r\n", "hello"),
           post("Content-Length\t: 5\r\n", "hello"), post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", "hello"),
           "GET / HTTP/1.1\r\nHost : a\r\n\r\n"});
}

TEST_CASE("RFC 9110 5.1: a field name is a token, and is there") {
  refuses({post(": a\r\n"), post("X Y: a\r\n"), post("X(Y): a\r\n"), post("X[Y]: a\r\n"), post("X/Y: a\r\n"),
           post("X\"Y: a\r\n"), post("X=Y: a\r\n"), post("X@Y: a\r\n"), post("X{: a\r\n"),
           post("X\\Y: a\r\n"), post("X\xC3\xA9: a\r\n"), post("X\x01: a\r\n"),
           post(std::string("X\0Y: a\r\n"sv)), post("no colon\r\n"), post("X\r\n"),
           post("Content\tLength: 5\r\n", "hello")});
}

TEST_CASE("RFC 9112 5.2: line folding is refused") {
  refuses(
      {post("X: a\r\n b\r\n"), post("X: a\r\n\tb\r\n"), post("X:\r\n a\r\n"), post("X: a\r\n \r\n"),
       post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
       post("Transfer-Encoding: x\r\n\tchunked\r\n", "0\r\n\r\n"), post("Content-Length:\r\n 5\r\n", "hello"),
       "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n",
       "OPTIONS / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\nhello"});
}

TEST_CASE("RFC 9110 5.5: NUL, CR, LF and other control characters are in no value") {
  std::vector<std::string> messages;
  for (int c = 0; c < 0x20; ++c) {
    if (c == '\t') continue;
    messages.push_back(post("X: a" + std::string(1, static_cast<char>(c)) + "b\r\n"));
    messages.push_back("GET / HTTP/1.1\r\nHost: a" + std::string(1, static_cast<char>(c)) + "\r\n\r\n");
  }
  messages.push_back(post("X: a\x7F\r\n"));
  refuses(messages);
  accepts({post("X: a\tb\r\n"), post("X: \xC3\xA9\r\n"), post("X:\r\n")});
}

TEST_CASE("RFC 9112 2: what is no HTTP is refused") {
  refuses({"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 \r\n", std::string("\0\0\0\0\r\n"sv),
           "\xFF\xFE\xFD\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "{\"a\":1}\r\n\r\n", "<html>\r\n\r\n"});
}

TEST_CASE(
    "RFC 9110 4.1, 15.5.15: long targets are read up to the limit, longer ones are 414, long heads 431") {
  accepts({line("GET /" + std::string(8'000, 'a') + " HTTP/1.1")});
  refuses({line("GET /" + std::string(9'000, 'a') + " HTTP/1.1"),
           line("GET /?" + std::string(100'000, 'a') + " HTTP/1.1")},
          "414");
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "X: y\r\n";
  refuses({post("X: " + std::string(100'000, 'a') + "\r\n"), post(std::string(100'000, 'X') + ": a\r\n"),
           post(many), line(std::string(100'000, 'G') + " / HTTP/1.1")},
          "431");
}

TEST_CASE("paths are decoded once, and what two readers could read differently is refused") {
  std::vector<std::string> messages;
  for (const std::string_view path : {"/%00",
                                      "/a%00b",
                                      "/%0a",
                                      "/%0d%0aX:%20y",
                                      "/%7f",
                                      "/.",
                                      "/..",
                                      "/../a",
                                      "/a/..",
                                      "/a/../b",
                                      "/./a",
                                      "/%2e",
                                      "/%2e%2e/a",
                                      "/%2E%2e/a",
                                      "/.%2e/a",
                                      "/a/%2e%2e%2fb",
                                      "/a%2fb",
                                      "/a%2Fb",
                                      "/a\\b",
                                      "/..\\a",
                                      "/a%5cb",
                                      "/%c0%af",
                                      "/%c0%ae%c0%ae/",
                                      "/%e0%80%af",
                                      "/%f0%80%80%af",
                                      "/%c1%9c",
                                      "/%ff",
                                      "/%ed%a0%80",
                                      "/%",
                                      "/%2",
                                      "/%zz",
                                      "/%u002f",
                                      "/a#b",
                                      "/a?b#c",
                                      "/\xC3\xA9",
                                      "/a\"b",
                                      "/<a>",
                                      "/a|b",
                                      "/a^b",
                                      "/a`b",
                                      "/{a}"}) {
    messages.push_back(line("GET " + std::string(path) + " HTTP/1.1"));
  }
  refuses(messages);
  Site site;
  CHECK(site.ask("GET /%252e%252e/%2541 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .ends_with("GET /%2e%2e/%41 "));
  CHECK(site.ask("GET /a%20b/%C3%A9?%2e%2e HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .ends_with("GET /a b/\xC3\xA9 "));
}

TEST_CASE("RFC 9110 10.1.1: Expect") {
  refuses({post("Expect: 200-ok\r\n"), post("Expect: x\r\nContent-Length: 5\r\n", "hello"),
           post("Expect: 100-continue, x\r\nContent-Length: 5\r\n", "hello"),
           post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", "hello")},
          "417");
  Site site;
  RawClient client(site.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.read_response() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello" + std::string(kSecond));
  CHECK(client.read_response().ends_with("POST / hello"));
  CHECK(client.read_response().ends_with("GET /second "));
  // RFC 9110 §15.2: no interim answer for HTTP/1.0, which does not know them.
  CHECK(site.ask("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
            .starts_with("HTTP/1.1 200 "));
}

TEST_CASE("RFC 9110 7.8: an Upgrade is never followed, h2c and WebSocket neither, and is no error") {
  const std::string h2c =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  const std::string socket =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n";
  accepts({post(h2c), post(socket), post("Upgrade: h2c\r\n"), post("Connection: upgrade\r\nUpgrade: x/1\r\n"),
           post(h2c + "Content-Length: 5\r\n", "hello"), "GET / HTTP/1.1\r\nHost: a\r\n" + socket + "\r\n",
           "GET / HTTP/1.0\r\nConnection: keep-alive, upgrade\r\nUpgrade: h2c\r\n\r\n"});
}

TEST_CASE("RFC 9110 9.3.2: HEAD is GET without the body, whatever the body of the request") {
  Site site;
  RawClient client(site.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string head = client.read_response(true);
  CHECK(head.contains("\r\ncontent-length: 8\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  client.send(
      "HEAD /x HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\nGET /second HTTP/1.1\r\nHost: b\r\n\r\n" +
      std::string(kSecond));
  CHECK(client.read_response(true).contains("\r\n\r\n"));
  CHECK(client.read_response().ends_with("GET /second "));
  CHECK(site.seconds() == 1);  // the first one was a body
}

TEST_CASE("RFC 9110 15.3.5, 15.4.5: 204 and 304 have no content and no length of it") {
  Site site;
  for (const std::string_view path : {"/204", "/304"}) {
    for (const std::string_view method : {"GET", "HEAD"}) {
      RawClient client(site.port());
      client.send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n" +
                  std::string(kSecond));
      const std::string answer = client.read_response();
      CHECK(answer.starts_with("HTTP/1.1 " + std::string(path.substr(1))));
      CHECK(!answer.contains("content-length"));
      CHECK(!answer.contains("transfer-encoding"));
      CHECK(answer.ends_with("\r\n\r\n"));
      CHECK(client.read_response().ends_with("GET /second "));
    }
  }
}

TEST_CASE("RFC 9110 6.6.1: every answer has one Date, as an IMF-fixdate") {
  Site site;
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /204 HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/7.7\r\n\r\n"}) {
    const std::string answer = site.ask(bytes);
    const std::size_t at = answer.find("\r\ndate: ");
    REQUIRE(at != std::string::npos);
    const std::string date = answer.substr(at + 8, answer.find("\r\n", at + 2) - at - 8);
    CHECK(date.size() == 29);
    CHECK(date.substr(3, 2) == ", ");
    CHECK(date.ends_with(" GMT"));
    CHECK(answer.find("\r\ndate: ", at + 1) == std::string::npos);
  }
}

TEST_CASE("RFC 9112 9.3, 9.6: close is said and done; HTTP/1.0 closes unless it asks to stay") {
  Site site;
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n"}) {
    CAPTURE(bytes);
    const std::string answer = site.ask(std::string(bytes) + std::string(kSecond));
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    CHECK(answer.contains("\r\nconnection: close\r\n"));
    CHECK(answers_in(answer) == 1);
  }
  CHECK(site.seconds() == 0);
}

}  // namespace weir::net::test

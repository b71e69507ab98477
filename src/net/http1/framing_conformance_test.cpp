// RFC 9112 §6 and §7 over a real socket: where a body ends, and each way in which two readers of the same
// bytes have come to disagree about it (request smuggling).
#include "net_conformance.h"

namespace weir::net::test {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("names that a gateway behind us may take for framing are refused") {
  refuses({post("Content_Length: 5\r\n", "hello"), post("Transfer_Encoding: chunked\r\n", "0\r\n\r\n"),
           post("CONTENT_LENGTH: 0\r\n"),
           post("Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", "hello")});
  accepts({post("X_Underscore: 1\r\n")});
}

TEST_CASE(
    "RFC 9112 6.1: Content-Length and Transfer-Encoding together are refused, and the connection closes") {
  const std::string get = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
  refuses({post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
           post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", "hello"),
           post("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n", "hello"),
           post("Content-Length: 5\r\nTransfer-Encoding: Chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: +5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 5x\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 5\r\nTransfer-Encoding: , chunked\r\n", "0\r\n\r\n"),
           post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n"),
           post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG" + get),
           post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "22\r\n" + get + "\r\n0\r\n\r\n")});
}

TEST_CASE("RFC 9112 6.1: Transfer-Encoding is no part of HTTP/1.0") {
  refuses(
      {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "POST / HTTP/1.0\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
       "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"});
}

TEST_CASE("RFC 9112 6.3: a Transfer-Encoding that does not end in chunked is refused") {
  refuses({coded(" identity"),
           coded(" gzip"),
           coded(" chunked, gzip"),
           coded(" chunked, identity"),
           coded(" x"),
           coded(""),
           coded(" "),
           coded(" ,"),
           coded(" chunked,"),
           coded(" chunked, ,"),
           coded(" xchunked"),
           coded(" chunkedx"),
           coded(" chunked chunked"),
           coded(" \"chunked\""),
           coded(" 'chunked'"),
           coded(" chunked;q=1"),
           coded(" chunked;a=b"),
           coded(" chunked\x0B"),
           coded("\x0B"
                 "chunked"),
           coded("\x0C"
                 "chunked"),
           post(std::string("Transfer-Encoding: chunked\0\r\n"sv), "0\r\n\r\n"),
           coded(" chun\xC4\xB1"
                 "ked")});
  accepts({coded(" chunked"), coded("chunked"), coded("\tchunked"), coded(" chunked \t"), coded(" CHUNKED"),
           post("TRANSFER-ENCODING: chunked\r\n", "0\r\n\r\n")});
}

TEST_CASE("RFC 9112 6.1: chunked is not applied twice, in one field or in two") {
  refuses({coded(" chunked, chunked"), coded(" chunked,chunked"),
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\nX: y\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n")});
}

TEST_CASE("RFC 9112 6.1: a coding that is not understood is 501, or 400 where chunked is hidden in a list") {
  refuses({coded(" gzip, chunked"), coded(" identity, chunked"), coded(" x, chunked")}, "501");
  refuses({coded(" , chunked"), coded(" ,chunked"), coded(" , , chunked")});
}

TEST_CASE("RFC 9112 6.3: Content-Length is one decimal number") {
  refuses({sized(""),
           sized(" "),
           sized(" +5"),
           sized(" -5"),
           sized(" -0"),
           sized(" 5,5"),
           sized(" 5, 5"),
           sized(" 5, 6"),
           sized(" 5,5,5"),
           sized(" ,5"),
           sized(" 5,"),
           sized(" 5 5"),
           sized(" 1 0"),
           sized(" 0x5"),
           sized(" 0o5"),
           sized(" 5e0"),
           sized(" 5.0"),
           sized(" 5a"),
           sized(" a5"),
           sized(" 1_0"),
           sized(" \"5\""),
           sized(" 5;"),
           sized(" five"),
           sized(" \xD9\xA5"),
           sized(" 5\x0B"),
           sized(" \x0B"
                 "5"),
           post(std::string("Content-Length: 5\0\r\n"sv), "hello"),
           sized(" 9223372036854775808"),
           sized(" 18446744073709551616"),
           sized(" 18446744073709551621"),
           sized(" 99999999999999999999999999")});
  accepts({sized(" 5"), sized("5"), sized("\t5"), sized(" 5 "), sized("  5"), post("Content-Length: 0\r\n"),
           post("")});
}

TEST_CASE("RFC 9112 6.3: a Content-Length that is said twice is refused, also when it says the same") {
  refuses({post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
           post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
           post("Content-Length: 0\r\nX: y\r\ncontent-length: 33\r\n", "hello")});
}

TEST_CASE("RFC 9110 8.6: a length beyond the limit is refused before any of it is read") {
  refuses({post("Content-Length: 545259521\r\n"), post("Content-Length: 9223372036854775807\r\n")}, "413");
  refuses({chunked("20800001\r\n"), chunked("7fffffffffffffff\r\n"), chunked("ffffffffffffffff\r\n")}, "413");
}

TEST_CASE("RFC 9112 7.1: a chunk size is hexadecimal digits and nothing else") {
  std::vector<std::string> messages;
  for (const std::string_view size : {"",
                                      "0x5",
                                      "0X5",
                                      "+5",
                                      "-5",
                                      "5_0",
                                      " 5",
                                      "\t5",
                                      "5 ",
                                      "5\t",
                                      "5 ;a",
                                      "g",
                                      "5g",
                                      "5h",
                                      "\"5\"",
                                      "5,5",
                                      "5.",
                                      "#5",
                                      "00000000000000005",
                                      "10000000000000000",
                                      "fffffffffffffffff",
                                      "5\x0B",
                                      "\xD9\xA5"}) {
    messages.push_back(chunked(std::string(size) + "\r\nhello\r\n0\r\n\r\n"));
  }
  messages.push_back(chunked("5"s + std::string("\0", 1) + "\r\nhello\r\n0\r\n\r\n"));
  messages.push_back(chunked("5\r\nhello\r\n+0\r\n\r\n"));
  messages.push_back(chunked("5\r\nhello\r\n-0\r\n\r\n"));
  messages.push_back(chunked("5\r\nhello\r\n0x0\r\n\r\n"));
  messages.push_back(chunked("5\r\nhello\r\n 0\r\n\r\n"));
  refuses(messages);
  accepts({chunked("5\r\nhello\r\n0\r\n\r\n"), chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
           chunked("05\r\nhello\r\n00\r\n\r\n"), chunked("0\r\n\r\n"),
           chunked("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n")});
}

TEST_CASE("RFC 9112 7.1: chunk data is exactly as long as its size says, and ends with CRLF") {
  refuses({chunked("5\r\nhelloXX\r\n0\r\n\r\n"), chunked("5\r\nhell\r\n0\r\n\r\n"),
           chunked("5\r\nhello0\r\n\r\n"), chunked("5\r\nhello\r\r\n0\r\n\r\n"),
           chunked("5\r\nhello \r\n0\r\n\r\n"), chunked("0\r\nhello\r\n\r\n")});
}

TEST_CASE("RFC 9112 7.1.1: chunk extensions are checked and dropped") {
  std::vector<std::string> messages;
  for (const std::string_view extension :
       {";",      ";;a",       ";a;",    ";a=",         ";=b",    ";a b", "; a",  ";a ",
        ";a =b",  ";a= b",     ";a=\"b", ";a=\"b\"c",   ";a=b@",  ";a,b", ";(a)", ";a[b]",
        ";a=b=c", ";\xC3\xA9", ";a\x01", ";a=\"\x01\"", ";a\x7F", ";\ta"}) {
    messages.push_back(chunked("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n"));
  }
  messages.push_back(chunked("5;a"s + std::string("\0", 1) + "\r\nhello\r\n0\r\n\r\n"));
  messages.push_back(chunked("5\r\nhello\r\n0;\r\n\r\n"));
  refuses(messages);
  accepts({chunked("5;a\r\nhello\r\n0\r\n\r\n"), chunked("5;a=b;c=\"d;\\\"e\"\r\nhello\r\n0;f\r\n\r\n")});
}

TEST_CASE("RFC 9112 7.1.1: the bytes of chunk extensions are bounded") {
  refuses({chunked("5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n"),
           chunked("5;" + std::string(65'536, 'a') + "\r\nhello\r\n0\r\n\r\n")});
}

TEST_CASE("RFC 9110 6.5.1: trailers are never merged into the fields") {
  Site site;
  for (const std::string_view name :
       {"Content-Length", "Transfer-Encoding", "Host", "Authorization", "Content-Type", "X-Api-Key", "X-Late",
        "Connection", "Expect", "X-Forwarded-For"}) {
    CAPTURE(name);
    RawClient client(site.port());
    client.send("POST /fields HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" +
                std::string(name) + ": late\r\n\r\n" + std::string(kSecond));
    const std::string answer = client.read_response();
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    CHECK(answer.contains("host=a;"));
    CHECK(!answer.contains("late"));
    CHECK(client.read_response().ends_with("GET /second "));
  }
}

TEST_CASE("RFC 9110 6.5: trailers are checked like fields, and bounded") {
  refuses({chunked("0\r\nX : 1\r\n\r\n"), chunked("0\r\n X: 1\r\n\r\n"), chunked("0\r\nX: 1\r\n 2\r\n\r\n"),
           chunked("0\r\nno colon\r\n\r\n"), chunked("0\r\n: 1\r\n\r\n"), chunked("0\r\nX: \x01\r\n\r\n"),
           chunked("0\r\nX: " + std::string(5'000, 'a') + "\r\n\r\n")});
}

TEST_CASE("RFC 9112 6.3: the body of any method is taken from the connection before the next request") {
  const std::string inner = "GET /second HTTP/1.1\r\nHost: b\r\n\r\n";
  Site site;
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "DELETE", "PUT", "TRACE"}) {
    CAPTURE(method);
    RawClient client(site.port());
    client.send(std::string(method) + " / HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                std::to_string(inner.size()) + "\r\n\r\n" + inner + "GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_response(method == "HEAD").starts_with("HTTP/1.1 200 "));
    CHECK(client.read_response().ends_with("GET /last "));
  }
  CHECK(site.seconds() == 0);
}

TEST_CASE("RFC 9112 8: a message that ends too early is no request") {
  Site site;
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    CAPTURE(bytes);
    RawClient client(site.port());
    client.send(bytes);
    client.end_write();
    CHECK(!client.read_to_end().contains(" 200 "));
    CHECK(client.closed_within(std::chrono::seconds(0)));
  }
}

}  // namespace weir::net::test

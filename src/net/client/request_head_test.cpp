#include "net/client/request_head.h"

#include <doctest/doctest.h>

namespace weir::net {
namespace {

TEST_CASE("origin: what a base URL says") {
  const auto text = [](std::string_view url) {
    const auto origin = Origin::parse(url);
    return origin ? origin->to_string() + " " + std::to_string(origin->port) + " " + origin->host : origin.error().message;
  };
  CHECK(text("https://api.anthropic.com") == "https://api.anthropic.com 443 api.anthropic.com");
  CHECK(text("HTTPS://API.example.com/") == "https://api.example.com 443 api.example.com");
  CHECK(text("http://127.0.0.1:9000/Prefix/v2/") == "http://127.0.0.1:9000/Prefix/v2 9000 127.0.0.1");
  CHECK(text("http://[::1]:81/a") == "http://[::1]:81/a 81 ::1");
  CHECK(text("https://host:443") == "https://host 443 host");
}

TEST_CASE("origin: a bad URL is refused with its problem") {
  const std::pair<std::string_view, std::string_view> bad[] = {
      {"api.anthropic.com", "https://"},      {"ftp://host", "https://"},        {"https://", "no host"},
      {"https://:80", "no host"},             {"https://user:pw@host", "user"},  {"https://host:0", "port"},
      {"https://host:65536", "port"},         {"https://host:", "port"},         {"https://host:8o", "port"},
      {"https://ho st", "characters"},        {"https://[::1", "IPv6"},          {"https://[zz]", "IPv6"},
      {"https://[::1]x", "port"},             {"https://host/a?b=c", "query"},   {"https://host#f", "fragment"},
      {"https://host/a b", "percent"},        {"https://host/a\r\nx: y", "percent"}};
  for (const auto& [url, problem] : bad) {
    CAPTURE(url);
    const auto origin = Origin::parse(url);
    REQUIRE_FALSE(origin);
    CHECK(origin.error().code == Code::invalid_request);
    CHECK(origin.error().message.contains(problem));
  }
}

TEST_CASE("request head: framing and host are the client's") {
  const Origin origin{.tls = false, .host = "::1", .port = 9000, .base_path = "/p"};
  ClientRequest request{.target = "/v1/messages?beta=true",
                        .headers = {{"x-api-key", "k"}, {"host", "evil"}, {"content-length", "1"}, {"transfer-encoding", "chunked"},
                                    {"connection", "close"}, {"expect", "100-continue"}, {"x-weir-fault", "a\tb"}},
                        .body = "{}"};
  CHECK(request_head(origin, request).value() ==
        "POST /p/v1/messages?beta=true HTTP/1.1\r\nhost: [::1]:9000\r\nx-api-key: k\r\nx-weir-fault: a\tb\r\n"
        "content-length: 2\r\n\r\n");
  request = {.method = "GET", .target = "/"};
  const Origin plain{.host = "h"};
  CHECK(request_head(plain, request).value() == "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  request.method = "POST";
  CHECK(request_head(plain, request).value() == "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
}

TEST_CASE("request head: nothing can end its line early") {
  const Origin origin{.host = "h"};
  const auto refused = [&origin](ClientRequest request) {
    const auto head = request_head(origin, request);
    return !head && head.error().code == Code::invalid_request;
  };
  for (const std::string& value : {std::string("a\r\nx: y"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3), std::string("a\x7F")}) {
    CHECK(refused({.target = "/", .headers = {{"x-a", value}}}));
    CHECK(refused({.target = "/" + value}));
    CHECK(refused({.method = "GET" + value, .target = "/"}));
    CHECK(refused({.target = "/", .headers = {{"x" + value, "1"}}}));
  }
  CHECK(refused({.target = "v1"}));
  CHECK(refused({.target = ""}));
  CHECK(refused({.target = "/a b"}));
  CHECK(refused({.method = "", .target = "/"}));
  CHECK(refused({.target = "/", .headers = {{"", "1"}}}));
  CHECK(refused({.target = "/", .headers = {{"a:b", "1"}}}));
}

}  // namespace
}  // namespace weir::net

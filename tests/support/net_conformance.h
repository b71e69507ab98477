// What the conformance tests of HTTP/1.1 share: a site that says what it was asked, and messages that must
// be refused or accepted as a whole, over a real socket.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "net_server_fixture.h"

namespace weir::net::test {

inline constexpr std::string_view kSecond = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";

// The fields that the handler saw, for the tests that ask what came of them.
class Site {
 public:
  std::string ask(std::string_view bytes) { return server_.ask(bytes); }
  std::uint16_t port() const { return server_.port(); }
  int requests() const { return requests_; }
  int seconds() const { return seconds_; }

 private:
  Task<> handle(Request& request, Responder& responder) {
    ++requests_;
    if (request.path == "/second") ++seconds_;
    auto body = co_await read_all(*request.body, 1'000'000);
    Response response;
    response.headers.add("content-type", "text/plain");
    if (request.path == "/204") response.status = 204;
    if (request.path == "/304") response.status = 304;
    if (!body) response.status = body.error().code == Code::too_large ? 413 : 400;
    if (request.path == "/fields") {
      for (const Field field : request.headers) {
        response.body += std::string(field.name) + "=" + std::string(field.value) + ";";
      }
    } else {
      response.body = request.method + " " + request.path + " " + (body ? *body : body.error().message);
    }
    co_await responder.send(std::move(response));
  }

  std::atomic<int> requests_{0};
  std::atomic<int> seconds_{0};
  RunningServer server_{
      [this](Request& request, Responder& responder) { return handle(request, responder); }};
};

// Status lines, by their three digits.
inline std::size_t answers_in(std::string_view text) {
  constexpr std::string_view kBegin = "HTTP/1.1 ";
  std::size_t count = 0;
  for (auto at = text.find(kBegin); at != text.npos; at = text.find(kBegin, at + 1)) {
    const std::string_view status = text.substr(at + kBegin.size(), 3);
    if (status.find_first_not_of("0123456789") == status.npos) ++count;
  }
  return count;
}

// Each of `messages` is answered with `status` alone, and the request behind it is not read.
inline void refuses(const std::vector<std::string>& messages, std::string_view status = "400") {
  Site site;
  for (const std::string& message : messages) {
    CAPTURE(message);
    RawClient client(site.port());
    client.send(message + std::string(kSecond));
    const std::string answer = client.read_to_end();
    CHECK(client.closed_within(std::chrono::seconds(0)));
    CHECK(answer.substr(0, 13) == "HTTP/1.1 " + std::string(status) + " ");
    CHECK(answer.contains("\r\nconnection: close\r\n"));
    CHECK(answers_in(answer) == 1);
    CHECK(site.seconds() == 0);
  }
}

// Each is answered with 200, and so is the request behind it.
inline void accepts(const std::vector<std::string>& messages) {
  Site site;
  for (const std::string& message : messages) {
    CAPTURE(message);
    RawClient client(site.port());
    client.send(message + std::string(kSecond));
    CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
    CHECK(client.read_response().ends_with("GET /second "));
  }
}

inline std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

// A POST with these fields beside Host, and this body.
inline std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

inline std::string chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

inline std::string coded(std::string_view coding) {
  return post("Transfer-Encoding:" + std::string(coding) + "\r\n", "0\r\n\r\n");
}

inline std::string sized(std::string_view length) {
  return post("Content-Length:" + std::string(length) + "\r\n", "hello");
}

inline std::string hosted(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost:" + std::string(host) + "\r\n\r\n";
}

}  // namespace weir::net::test

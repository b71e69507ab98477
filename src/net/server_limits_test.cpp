// Each limit and timeout of ServerConfig, over real sockets.
#include <doctest/doctest.h>

#include <thread>

#include "net/transport.h"
#include "net_server_fixture.h"

namespace weir::net {
namespace {

using test::RawClient;
using test::RunningServer;
using namespace std::chrono_literals;

// Says back what it was asked, by path.
Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  response.headers.add("content-type", "text/plain");
  response.body = request.method + " " + request.path + " " + (body ? *body : body.error().message);
  co_await responder.send(std::move(response));
}

std::string get(std::string_view path, std::string_view more = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nhost: weir\r\n" + std::string(more) + "\r\n";
}

}  // namespace

TEST_CASE("a chunked body over body_size_max is an error of the handler's read, and closes") {
  ServerConfig config;
  config.body_size_max = 10;
  RunningServer running(echo, config);
  const std::string answer = running.ask(
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n");
  CHECK(answer.contains("connection: close\r\n"));
  CHECK(answer.ends_with("the request body is too large"));
}

TEST_CASE("an unread body is skipped up to body_drain_max, else the connection ends after the answer") {
  RunningServer running([](Request&, Responder& responder) -> Task<> {
    Response response;
    co_await responder.send(std::move(response));
  });
  RawClient client(running.port());
  client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 60000\r\n\r\n" + std::string(60'000, 'x'));
  CHECK(!client.read_response().contains("connection: close"));
  client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5000000\r\n\r\n" + std::string(4'000'000, 'x'));
  CHECK(client.read_response().contains("connection: close"));
  CHECK(client.closed_within(4s));
}

TEST_CASE("slow clients are cut off: head, body, rate and idle") {
  ServerConfig config;
  config.head_timeout = 100ms;
  config.body_idle_timeout = 100ms;
  config.idle_timeout = 100ms;
  RunningServer running(echo, config);
  SUBCASE("an unfinished head is answered with 408") {
    RawClient client(running.port());
    client.send("GET / HT");
    CHECK(client.read_to_end().starts_with("HTTP/1.1 408 "));
  }
  SUBCASE("a connection that says nothing is closed without a word") {
    RawClient client(running.port());
    CHECK(client.read_to_end().empty());
    CHECK(client.closed_within(0ms));
  }
  SUBCASE("a body that stops is an error of the read") {
    RawClient client(running.port());
    client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab");
    CHECK(client.read_to_end().ends_with("the request body arrives too slowly"));
  }
  SUBCASE("an idle connection is closed") {
    RawClient client(running.port());
    client.send(get("/"));
    CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
    CHECK(client.closed_within(1s));
  }
}

TEST_CASE("a client that does not read its answer is cut off after write_timeout") {
  ServerConfig config;
  config.write_timeout = 100ms;
  std::atomic<bool> timed_out{false};
  RunningServer running(
      [&](Request&, Responder& responder) -> Task<> {
        ResponseHead head;
        co_await responder.start(std::move(head), -1);
        const std::string piece(1'000'000, 'x');
        for (int i = 0; i < 100; ++i) {
          auto written = co_await responder.write(piece);
          if (!written) {
            timed_out = written.error().code == Code::timed_out;
            co_return;
          }
        }
      },
      config);
  RawClient client(running.port());
  client.send(get("/"));
  const auto limit = std::chrono::steady_clock::now() + 3s;
  while (!timed_out && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(5ms);
  CHECK(timed_out);
}

TEST_CASE("a client that does not read is given little, and its connection is reset") {
  ServerConfig config;
  config.write_timeout = 300ms;
  std::atomic<std::size_t> taken{0};
  std::atomic<bool> ended{false};
  RunningServer running(
      [&](Request&, Responder& responder) -> Task<> {
        ResponseHead head;
        co_await responder.start(std::move(head), -1);
        const std::string piece(4'096, 'x');
        for (int i = 0; i < 10'000 && co_await responder.write(piece); ++i) taken += piece.size();
        ended = true;
      },
      config);
  RawClient client(running.port(), 4'096);
  client.send(get("/"));
  const auto limit = std::chrono::steady_clock::now() + 5s;
  while (!ended && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(5ms);
  REQUIRE(ended);
  // What the kernel holds for it, beside the window that the client has opened.
  CHECK(taken < kUnsentMax + 128 * 1024);
  // Not after the client has read all that was waiting: at once.
  pollfd reset{client.fd(), 0, 0};
  CHECK(::poll(&reset, 1, 1'000) == 1);
  CHECK((reset.revents & POLLERR) != 0);
}

TEST_CASE("connections over connections_max are closed at once") {
  ServerConfig config;
  config.connections_max = 2;
  RunningServer running(echo, config);
  RawClient first(running.port());
  RawClient second(running.port());
  first.send(get("/"));
  second.send(get("/"));
  CHECK(first.read_response().starts_with("HTTP/1.1 200 "));
  CHECK(second.read_response().starts_with("HTTP/1.1 200 "));
  RawClient third(running.port());
  CHECK(third.closed_within(1s));
  CHECK(running.server().connections() == 2);
}

TEST_CASE("a body that keeps trickling below body_rate_min is cut off") {
  ServerConfig config;
  config.body_rate_min = 1'000'000;
  RunningServer running(echo, config);
  RawClient client(running.port());
  client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  while (!client.fill(100ms) && std::chrono::steady_clock::now() - began < 8s) client.send("x");
  CHECK(client.read_to_end(3s).ends_with("the request body arrives too slowly"));
  CHECK(std::chrono::steady_clock::now() - began < 8s);
}

}  // namespace weir::net

#include "net/client.h"

#include <doctest/doctest.h>
#include <net_client_peer.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "net/client/pool.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;
using testing::Peer;
using testing::read_request;
using testing::send_text;
using testing::wait_until_closed;
using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nrequest-id: r1\r\n\r\nhello";

struct Answer {
  Result<> outcome;
  int status = 0;
  std::string request_id, body;
};

struct Fixture {
  SystemClock clock;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  boost::asio::io_context loop{1};
  WorkerPool dns{"dns", 1, 8};
  Client client{ClientConfig{}, dns, log, metrics};
  ClientTimeouts timeouts;

  static Origin origin(const Peer& peer) { return {.tls = false, .host = "127.0.0.1", .port = peer.port()}; }

  // Runs `task` on the loop until it ends. (The loop itself would go on sweeping idle connections.)
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
      thrown = e;
      result.emplace(std::move(value));
    });
    while (!result) loop.run_one();
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(result);
  }

  Task<Answer> call(Origin to, ClientRequest request) {
    Answer answer;
    auto response = co_await client.send(to, std::move(request), timeouts);
    if (!response) {
      answer.outcome = fail(response);
      co_return answer;
    }
    answer.status = (*response)->status();
    answer.request_id = (*response)->headers().get("request-id");
    while (true) {
      auto piece = co_await (*response)->read();
      if (!piece) answer.outcome = fail(piece);
      if (!piece || piece->empty()) co_return answer;
      answer.body += *piece;
    }
  }

  Answer post(const Origin& to, std::string body = "{}") {
    ClientRequest request{.target = "/v1/messages", .headers = {{"x-api-key", "k"}}, .body = std::move(body)};
    return run(call(to, std::move(request)));
  }
};

TEST_CASE_FIXTURE(Fixture, "client: a request and its answer") {
  std::promise<std::string> seen;
  Peer peer([&](int, int fd) {
    seen.set_value(read_request(fd));
    send_text(fd, kHello);
  });
  const Answer answer = post(origin(peer), "{\"a\":1}");
  CHECK(answer.outcome.has_value());
  CHECK(answer.status == 200);
  CHECK(answer.request_id == "r1");
  CHECK(answer.body == "hello");
  CHECK(seen.get_future().get() ==
        "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(peer.port()) +
            "\r\nx-api-key: k\r\ncontent-length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE_FIXTURE(Fixture, "client: large bodies both ways, in any pieces") {
  std::string large;
  while (large.size() < 3'000'000) large += "some text that is number " + std::to_string(large.size()) + "; ";
  Peer peer([&](int, int fd) {
    const std::string request = read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    std::string_view body = std::string_view(request).substr(request.find("\r\n\r\n") + 4);
    for (std::size_t size = 1; !body.empty(); size = size * 3 % 70'001) {
      const std::string_view piece = body.substr(0, size);
      char line[32];
      std::snprintf(line, sizeof line, "%zx\r\n", piece.size());
      send_text(fd, line + std::string(piece) + "\r\n");
      body.remove_prefix(piece.size());
    }
    send_text(fd, "0\r\n\r\n");
  });
  CHECK((post(origin(peer), large).body == large));
}

TEST_CASE_FIXTURE(Fixture, "client: a connection read to the end carries the next request") {
  Peer peer([](int, int fd) {
    while (!read_request(fd).empty()) send_text(fd, kHello);
  });
  for (int i = 0; i < 3; ++i) CHECK(post(origin(peer)).body == "hello");
  CHECK(peer.connections() == 1);
}

TEST_CASE_FIXTURE(Fixture, "client: an idle connection that the provider has closed is not used") {
  Peer peer([](int, int fd) {
    read_request(fd);
    send_text(fd, kHello);
  });
  CHECK(post(origin(peer)).body == "hello");
  std::this_thread::sleep_for(50ms);
  CHECK(post(origin(peer)).body == "hello");
  CHECK(peer.connections() == 2);
  CHECK(metrics.counter("weir_client_requests_resent_total", "").value() == 0);
}

TEST_CASE_FIXTURE(Fixture, "client: a reused connection that dies before the answer is replaced, once") {
  Peer peer([](int index, int fd) {
    read_request(fd);
    if (index == 0) send_text(fd, kHello);
    if (index == 0) read_request(fd);  // and no answer
    if (index == 1) send_text(fd, kHello);
  });
  CHECK(post(origin(peer)).body == "hello");
  CHECK(post(origin(peer)).body == "hello");
  CHECK(peer.connections() == 2);
  CHECK(metrics.counter("weir_client_requests_resent_total", "").value() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "client: what dies on a fresh connection, or after the answer began, is not sent again") {
  Peer silent([](int, int fd) { read_request(fd); });
  const Answer none = post(origin(silent));
  REQUIRE_FALSE(none.outcome);
  CHECK(none.outcome.error().code == Code::upstream_failed);
  CHECK(silent.connections() == 1);

  Peer broken([](int, int fd) {
    read_request(fd);
    send_text(fd, kHello);
    read_request(fd);
    send_text(fd, "HTTP/1.1 200");
  });
  CHECK(post(origin(broken)).body == "hello");
  CHECK_FALSE(post(origin(broken)).outcome);
  CHECK(broken.connections() == 1);
}

TEST_CASE_FIXTURE(Fixture, "client: a body that ends too early is upstream_failed after its bytes") {
  Peer peer([](int, int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello");
  });
  const Answer answer = post(origin(peer));
  CHECK(answer.body == "hello");
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().code == Code::upstream_failed);
}

TEST_CASE_FIXTURE(Fixture, "client: a refusal before the whole request is read reaches the caller") {
  Peer peer([](int, int fd) {
    char bytes[1024];
    ::recv(fd, bytes, sizeof bytes, 0);
    send_text(fd, "HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  });
  CHECK(post(origin(peer), std::string(20'000'000, 'x')).status == 413);
}

TEST_CASE_FIXTURE(Fixture,
                  "client: a provider that resets the connection, at once or in the middle of the body") {
  for (const std::size_t read_first : {0, 100'000}) {
    CAPTURE(read_first);
    Peer peer([&](int, int fd) {
      std::string bytes(read_first, '\0');
      if (read_first > 0) ::recv(fd, bytes.data(), bytes.size(), MSG_WAITALL);
      const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
      ::connect(fd, &nobody, sizeof nobody);  // a reset, at once
    });
    for (const std::size_t size : {2, 60'000, 20'000'000}) {
      CAPTURE(size);
      if (size < read_first) continue;
      const auto begun = SteadyClock::now();
      const Answer answer = post(origin(peer), std::string(size, 'x'));
      REQUIRE_FALSE(answer.outcome);
      CHECK(answer.outcome.error().code == Code::upstream_failed);
      CHECK(SteadyClock::now() - begun < 2s);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "client: timeouts") {
  timeouts = {.connect = 200ms, .first_byte = 200ms, .idle = 200ms};
  const auto begun = SteadyClock::now();
  SUBCASE("first byte") {
    Peer peer([](int, int fd) { wait_until_closed(fd); });
    CHECK(post(origin(peer)).outcome.error().code == Code::timed_out);
  }
  SUBCASE("a peer that takes no more of the request") {
    Peer peer([](int, int) { std::this_thread::sleep_for(700ms); });
    CHECK(post(origin(peer), std::string(50'000'000, 'x')).outcome.error().code == Code::timed_out);
  }
  SUBCASE("the rest of the head counts too") {
    Peer peer([](int, int fd) {
      read_request(fd);
      for (const char c : std::string_view("HTTP/1.1 200 OK\r\nx-slow: 1\r\n")) {
        send_text(fd, {&c, 1});
        std::this_thread::sleep_for(30ms);
      }
    });
    CHECK(post(origin(peer)).outcome.error().code == Code::timed_out);
  }
  SUBCASE("idle") {
    Peer peer([](int, int fd) {
      read_request(fd);
      send_text(fd, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello");
      wait_until_closed(fd);
    });
    const Answer answer = post(origin(peer));
    CHECK(answer.body == "hello");
    CHECK(answer.outcome.error().code == Code::timed_out);
  }
  SUBCASE("connect, with a TLS handshake that nobody answers") {
    Peer peer([](int, int fd) { wait_until_closed(fd); });
    Origin to = origin(peer);
    to.tls = true;
    CHECK(post(to).outcome.error().code == Code::timed_out);
  }
  const auto took = SteadyClock::now() - begun;
  CHECK(took >= 200ms);
  CHECK(took < 1500ms);
}

TEST_CASE_FIXTURE(
    Fixture,
    "client: the time to the first byte counts from the request's first, however long sending takes") {
  timeouts = {.connect = 1s, .first_byte = 1s, .idle = 1s};
  Peer peer([](int, int fd) {
    std::this_thread::sleep_for(700ms);
    wait_until_closed(fd);  // reads everything
  });
  const auto begun = SteadyClock::now();
  CHECK(post(origin(peer), std::string(32 << 20, 'x')).outcome.error().code == Code::timed_out);
  const auto took = SteadyClock::now() - begun;
  CHECK(took >= 1s);
  CHECK(took < 1'600ms);
}

TEST_CASE_FIXTURE(Fixture, "client: names are resolved; what cannot be reached says so") {
  Peer peer([](int, int fd) {
    read_request(fd);
    send_text(fd, kHello);
  });
  Origin to = origin(peer);
  to.host = "localhost";
  CHECK(post(to).body == "hello");

  to.host = std::string(64, 'a') + ".invalid";  // a label has at most 63 characters
  const Answer unknown = post(to);
  CHECK(unknown.outcome.error().code == Code::upstream_failed);
  CHECK(unknown.outcome.error().message.contains("resolve"));

  std::uint16_t closed_port = 0;
  {
    closed_port = Peer([](int, int) {}).port();
  }
  const Answer refused = post({.tls = false, .host = "127.0.0.1", .port = closed_port});
  CHECK(refused.outcome.error().code == Code::upstream_failed);
  CHECK(refused.outcome.error().message.contains("refused"));
}

// How long after `act` the peer saw its connection end.
struct ClosingPeer {
  std::promise<void> answered;
  std::promise<SteadyClock::time_point> closed;
  Peer peer;
  explicit ClosingPeer(std::string head)
      : peer([this, head](int, int fd) {
          read_request(fd);
          send_text(fd, head);
          answered.set_value();
          wait_until_closed(fd);
          closed.set_value(SteadyClock::now());
        }) {}
};

TEST_CASE_FIXTURE(Fixture, "client: dropping the response closes the connection at once") {
  ClosingPeer peer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello");
  ClientRequest request{.target = "/"};
  auto response = run(client.send(origin(peer.peer), std::move(request), timeouts));
  REQUIRE(response);
  CHECK(run((*response)->read()).value() == "hello");
  const auto dropped = SteadyClock::now();
  response->reset();
  CHECK(peer.closed.get_future().get() - dropped < 100ms);
}

TEST_CASE_FIXTURE(Fixture, "client: cancelling the call closes the connection at once") {
  ClosingPeer peer("");
  boost::asio::cancellation_signal signal;
  ClientRequest request{.target = "/"};
  std::optional<Answer> answer;
  boost::asio::co_spawn(
      loop, call(origin(peer.peer), std::move(request)),
      boost::asio::bind_cancellation_slot(
          signal.slot(), [&](const std::exception_ptr&, Answer a) { answer = std::move(a); }));
  auto answered = peer.answered.get_future();
  while (answered.wait_for(0s) != std::future_status::ready) loop.run_one_for(10ms);
  const auto cancelled = SteadyClock::now();
  signal.emit(boost::asio::cancellation_type::terminal);
  while (!answer) loop.run_one();
  CHECK(answer->outcome.error().code == Code::cancelled);
  CHECK(peer.closed.get_future().get() - cancelled < 100ms);
}

TEST_CASE_FIXTURE(Fixture, "client: idle connections are few and do not grow old") {
  Peer peer([](int, int fd) {
    while (!read_request(fd).empty()) send_text(fd, kHello);
  });
  Client short_lived(ClientConfig{.idle_connection_max = 100ms}, dns, log, metrics);
  ClientRequest request{.target = "/"};
  auto response = run(short_lived.send(origin(peer), std::move(request), timeouts));
  REQUIRE(response);
  CHECK(run(read_all(**response, 100)).value() == "hello");
  loop.run();  // ends when nothing is left to sweep
  loop.restart();
  CHECK(post(origin(peer)).body == "hello");
  CHECK(peer.connections() == 2);

  OriginPool pool;
  for (int i = 0; i < 3; ++i) pool.put(std::make_unique<Connection>(loop.get_executor()), 2);
  CHECK(pool.idle_count() == 2);
}

}  // namespace
}  // namespace weir::net

// Request bodies that arrive from a source while they are sent, against Weir's own server, over HTTP/1.1 and
// HTTP/2.
#include <doctest/doctest.h>
#include <net_server_fixture.h>
#include <net_tls_peer.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>

#include "net/client.h"
#include "net/wake.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;
using namespace test;

// Gives `piece` so many times; then it ends, fails, or waits until somebody interrupts it.
class Source final : public BodyReader {
 public:
  enum class Then { end, failure, wait };
  Source(const Executor& executor, std::string piece, std::size_t count, Then then)
      : piece_(std::move(piece)), left_(count), then_(then), wake_(executor) {}

  Task<Result<std::string_view>> read() override {
    if (left_ > 0) {
      --left_;
      co_return std::string_view(piece_);
    }
    if (then_ == Then::failure) co_return fail(Code::too_large, "too much");
    if (then_ == Then::end) co_return std::string_view();
    co_await wake_.wait();
    co_return fail(Code::cancelled, "interrupted");
  }
  void interrupt() override { wake_.set(); }
  std::size_t left() const { return left_; }

 private:
  const std::string piece_;
  std::size_t left_;
  const Then then_;
  Wake wake_;
};

struct Sent {
  Result<> outcome;
  int status = 0;
  std::string body;
  std::size_t left = 0;  // pieces that were not asked for
};

struct World {
  World(Handler handler, bool use_http2) : http2(use_http2), server(std::move(handler), with_tls(files)) {}
  static ServerConfig with_tls(const CertificateFiles& files) {
    ServerConfig config;
    config.tls_certificate_file = files.certificate();
    config.tls_key_file = files.key();
    return config;
  }

  Task<Sent> upload(std::string piece, std::size_t count, Source::Then then, std::int64_t size) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    const Origin origin{.tls = true, .host = "127.0.0.1", .port = server.port()};
    Source source(executor, std::move(piece), count, then);
    ClientRequest request{.target = "/", .source = &source, .source_size = size};
    Sent sent;
    auto response = co_await client.send(origin, std::move(request), timeouts);
    sent.left = source.left();
    if (!response) {
      sent.outcome = fail(response);
      co_return sent;
    }
    sent.status = (*response)->status();
    auto body = co_await read_all(**response, 1'000'000);
    if (body) sent.body = *std::move(body);
    if (!body) sent.outcome = fail(body);
    co_return sent;
  }

  Sent run(std::string piece, std::size_t count, Source::Then then, std::int64_t size = -1) {
    std::optional<Sent> sent;
    boost::asio::co_spawn(loop, upload(std::move(piece), count, then, size),
                          [&](const std::exception_ptr&, Sent result) { sent = std::move(result); });
    while (!sent) loop.run_one();
    return *std::move(sent);
  }

  const bool http2;
  CertificateFiles files{"upload"};
  RunningServer server;
  SystemClock clock;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  WorkerPool workers{"dns", 1, 8};
  ClientTimeouts timeouts;
  Client client{ClientConfig{.ca_file = files.certificate(), .http2 = http2}, workers, log, metrics};
  boost::asio::io_context loop{1};
};

Task<> count_bytes(Request& request, Responder& responder) {
  std::size_t size = 0;
  while (true) {
    auto piece = co_await request.body->read();
    if (!piece) co_return;
    if (piece->empty()) break;
    size += piece->size();
  }
  Response response;
  response.body = std::to_string(size) + " of " + std::to_string(request.content_length);
  co_await responder.send(std::move(response));
}

Task<> refuse_unread(Request&, Responder& responder) {
  Response response{.status = 413, .headers = {}, .body = "too large"};
  co_await responder.send(std::move(response));
}

TEST_CASE("client: a body from a source arrives whole, with a length or without") {
  for (const bool http2 : {false, true}) {
    CAPTURE(http2);
    World world(count_bytes, http2);
    const std::string piece(20'000, 'x');
    CHECK(world.run(piece, 200, Source::Then::end, 4'000'000).body == "4000000 of 4000000");
    CHECK(world.run(piece, 200, Source::Then::end).body == "4000000 of -1");
    CHECK(world.run(piece, 0, Source::Then::end).status == 200);
    CHECK(world.run(piece, 1, Source::Then::end, 20'000).body == "20000 of 20000");
    CHECK(world.metrics.counter("weir_client_connections_opened_total", "").value() == 1);
  }
}

TEST_CASE("client: an answer that comes early ends a source that has nothing to give") {
  for (const bool http2 : {false, true}) {
    CAPTURE(http2);
    World world(refuse_unread, http2);
    const Sent sent = world.run("x", 1, Source::Then::wait, 1'000'000);
    CHECK(sent.outcome.has_value());
    CHECK(sent.status == 413);
    CHECK(sent.body == "too large");
  }
}

TEST_CASE("client: an answer that comes early ends the sending to a server that reads no more") {
  for (const bool http2 : {false, true}) {
    CAPTURE(http2);
    World world(refuse_unread, http2);
    const Sent sent = world.run(std::string(64 * 1024, 'x'), 100'000, Source::Then::end);
    CHECK(sent.status == 413);
    CHECK(sent.body == "too large");
    CHECK(sent.left > 50'000);
  }
}

// Tells how reading a body ended, also when the handler is cancelled in the middle of it.
class Reading {
 public:
  explicit Reading(std::promise<bool>& whole) : promise_(whole) {}
  ~Reading() { promise_.set_value(whole); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  bool whole = false;

 private:
  std::promise<bool>& promise_;
};

TEST_CASE("client: what the source fails with the call fails with, and the server sees it break off") {
  for (const bool http2 : {false, true}) {
    CAPTURE(http2);
    std::promise<bool> seen;
    const Handler handler = [&seen](Request& request, Responder& responder) -> Task<> {
      Reading reading(seen);
      auto body = co_await read_all(*request.body, 1'000'000);
      reading.whole = body.has_value();
      responder.abort();
    };
    World world(handler, http2);
    // More than a stream holds back: the server has begun to read.
    const Sent sent = world.run(std::string(20'000, 'x'), 10, Source::Then::failure);
    REQUIRE_FALSE(sent.outcome);
    CHECK(sent.outcome.error().code == Code::too_large);
    CHECK(sent.outcome.error().message == "too much");
    auto whole = seen.get_future();
    // The last frames of HTTP/2 leave in the loop's next turns.
    for (int i = 0; i < 5'000 && whole.wait_for(1ms) != std::future_status::ready; ++i) world.loop.poll();
    REQUIRE(whole.wait_for(0ms) == std::future_status::ready);
    CHECK_FALSE(whole.get());
  }
}

TEST_CASE("client: a source that gives more or less than it said fails the call") {
  World world(count_bytes, false);
  CHECK(world.run("1234", 3, Source::Then::end, 10).outcome.error().code == Code::internal);
  CHECK(world.run("1234", 3, Source::Then::end, 20).outcome.error().code == Code::internal);
}

}  // namespace
}  // namespace weir::net

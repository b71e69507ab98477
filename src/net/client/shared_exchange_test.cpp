// The client over HTTP/2, chosen by ALPN: against Weir's own server, and against a server that says exactly
// the frames of the test.
#include "net/client/shared_exchange.h"

#include <doctest/doctest.h>
#include <net_client_peer.h>
#include <net_client_tls.h>

#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "net/sleep.h"
#include "net_http2_client.h"
#include "net_server_fixture.h"
#include "net_tls_peer.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct Answer {
  Result<> outcome;
  int status = 0;
  std::string body;
};

struct Caller {
  explicit Caller(const std::string& ca_file, bool http2 = true)
      : client(ClientConfig{.ca_file = ca_file, .http2 = http2}, workers, log, metrics) {}

  static Origin origin(std::uint16_t port) { return {.tls = true, .host = "127.0.0.1", .port = port}; }

  Task<Answer> call(Origin to, std::string method, std::string target, std::string body) {
    Answer answer;
    ClientRequest request{.method = std::move(method), .target = std::move(target), .body = body};
    auto response = co_await client.send(to, std::move(request), timeouts);
    if (!response) {
      answer.outcome = fail(response);
      co_return answer;
    }
    answer.status = (*response)->status();
    auto text = co_await read_all(**response, 10'000'000);
    if (text) answer.body = *std::move(text);
    if (!text) answer.outcome = fail(text);
    co_return answer;
  }

  // All of them at the same time.
  std::vector<Answer> call_all(std::uint16_t port, std::size_t count, const std::string& target,
                               const std::string& body = {}) {
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < count; ++i) {
      boost::asio::co_spawn(loop, call(origin(port), "POST", target, body),
                            [&](const std::exception_ptr&, Answer a) { answers.push_back(std::move(a)); });
    }
    while (answers.size() < count) loop.run_one();
    return answers;
  }
  Answer call(std::uint16_t port, const std::string& target, const std::string& body = {}) {
    return call_all(port, 1, target, body).front();
  }

  template <class Work>
  void run(Work work) {
    bool done = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop, work, [&](const std::exception_ptr& e) {
      failure = e;
      done = true;
    });
    while (!done) loop.run_one();
    if (failure) std::rethrow_exception(failure);
  }

  std::uint64_t opened() { return metrics.counter("weir_client_connections_opened_total", "").value(); }
  std::uint64_t resent() { return metrics.counter("weir_client_requests_resent_total", "").value(); }

  SystemClock clock;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  WorkerPool workers{"dns", 1, 8};
  ClientTimeouts timeouts;
  Client client;
  boost::asio::io_context loop{1};
};

// Weir's own server as the provider.
struct Provider {
  explicit Provider(Handler handler, ServerConfig config = {})
      : server(std::move(handler), with(std::move(config))) {}
  ServerConfig with(ServerConfig config) const {
    config.tls_certificate_file = files.certificate();
    config.tls_key_file = files.key();
    return config;
  }
  std::uint16_t port() const { return server.port(); }

  CertificateFiles files{"provider"};
  RunningServer server;
};

Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 10'000'000);
  Response response;
  response.headers.add("x-version", request.version == HttpVersion::http2 ? "2" : "1.1");
  response.body = (request.version == HttpVersion::http2 ? "h2 " : "h1 ") + request.method + " " +
                  request.target + " " + std::to_string(body ? body->size() : 0);
  co_await responder.send(std::move(response));
}

template <class Condition>
bool within(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// A server that chooses h2 and then says, for each connection, what the script wants.
class FramePeer {
 public:
  using Script = std::function<void(int index, testing::TlsPeer& tls)>;

  explicit FramePeer(Script script)
      : script_(std::move(script)),
        tls_("IP:127.0.0.1", files_.certificate()),
        peer_([this](int index, int fd) {
          testing::TlsPeer tls(tls_, fd);
          if (!tls.handshake()) return;
          tls.read(kHttp2Preface.size());
          tls.write(frame(kSettings, 0, 0));
          script_(index, tls);
        }) {
    ::SSL_CTX_set_alpn_select_cb(
        tls_.context(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned int, void*) {
          *out = reinterpret_cast<const unsigned char*>("h2");
          *size = 2;
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
  }
  std::string certificate() const { return files_.certificate(); }
  std::uint16_t port() const { return peer_.port(); }
  int connections() const { return peer_.connections(); }

 private:
  Script script_;
  CertificateFiles files_{"peer"};
  testing::TlsServer tls_;
  testing::Peer peer_;
};

const std::string kOk = frame(kHeaders, kEndHeaders, 1, "\x88") + frame(kData, kEndStream, 1, "fine");

// Reads until the client has closed.
void wait_for_end(testing::TlsPeer& tls) {
  while (!tls.read(1).empty()) {
  }
}

}  // namespace

TEST_CASE("client http2: calls of a loop share one connection, from the first on") {
  Provider provider(echo);
  Caller caller(provider.files.certificate());
  for (const Answer& answer : caller.call_all(provider.port(), 50, "/v1?x=1", "abc")) {
    CHECK(answer.outcome);
    CHECK(answer.status == 200);
    CHECK(answer.body == "h2 POST /v1?x=1 3");
  }
  CHECK(caller.call(provider.port(), "/again").body == "h2 POST /again 0");
  CHECK(caller.opened() == 1);
  CHECK(provider.server.server().connections() == 1);
}

TEST_CASE("client http2: turned off, or not offered, it is HTTP/1.1") {
  Provider provider(echo);
  Caller caller(provider.files.certificate(), false);
  for (const Answer& answer : caller.call_all(provider.port(), 5, "/", "abc"))
    CHECK(answer.body == "h1 POST / 3");
  CHECK(caller.opened() == 5);
}

TEST_CASE("client http2: large bodies pass in both directions") {
  Provider provider([](Request& request, Responder& responder) -> Task<> {
    auto body = co_await read_all(*request.body, 10'000'000);
    Response response;
    response.body = *std::move(body);
    co_await responder.send(std::move(response));
  });
  Caller caller(provider.files.certificate());
  std::string body(3'000'000, 'a');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  for (const Answer& answer : caller.call_all(provider.port(), 4, "/", body)) CHECK(answer.body == body);
  CHECK(caller.opened() == 1);
}

TEST_CASE("client http2: an answer streams piece by piece") {
  Provider provider([](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    head.headers.add("content-type", "text/event-stream");
    co_await responder.start(std::move(head), -1);
    for (int i = 0; i < 3; ++i) {
      co_await responder.write("data: " + std::to_string(i) + "\n\n");
      co_await sleep_for(20ms);
    }
    co_await responder.finish();
  });
  Caller caller(provider.files.certificate());
  std::vector<std::string> pieces;
  const Origin origin = Caller::origin(provider.port());
  caller.run([&]() -> Task<> {
    ClientRequest request{.target = "/"};
    auto response = co_await caller.client.send(origin, std::move(request), caller.timeouts);
    REQUIRE(response);
    CHECK((*response)->headers().get("content-type") == "text/event-stream");
    while (true) {
      auto piece = co_await (*response)->read();
      REQUIRE(piece);
      if (piece->empty()) break;
      pieces.emplace_back(*piece);
    }
  });
  CHECK(pieces == std::vector<std::string>{"data: 0\n\n", "data: 1\n\n", "data: 2\n\n"});
}

TEST_CASE("client http2: dropping an answer resets its stream at once and keeps the connection") {
  std::atomic<int> started{0};
  std::atomic<int> ended{0};
  Provider provider([&](Request& request, Responder& responder) -> Task<> {
    if (request.path == "/quick") co_return co_await echo(request, responder);
    struct Ended {
      std::atomic<int>& count;
      ~Ended() { ++count; }
    } const at_end{ended};
    ++started;
    ResponseHead head;
    co_await responder.start(std::move(head), -1);
    co_await responder.write("first");
    co_await sleep_for(20s);
  });
  Caller caller(provider.files.certificate());
  const Origin origin = Caller::origin(provider.port());
  caller.run([&]() -> Task<> {
    ClientRequest request{.target = "/slow"};
    auto response = co_await caller.client.send(origin, std::move(request), caller.timeouts);
    REQUIRE(response);
    auto piece = co_await (*response)->read();
    CHECK(*piece == "first");
    response->reset();
    for (int i = 0; i < 100 && ended == 0; ++i) co_await sleep_for(1ms);
  });
  CHECK(started == 1);
  CHECK(ended == 1);
  CHECK(caller.call(provider.port(), "/quick").body == "h2 POST /quick 0");
  CHECK(caller.opened() == 1);
}

TEST_CASE("client http2: another connection is opened when the server takes no more streams") {
  ServerConfig config;
  config.h2_streams_max = 2;
  Provider provider(
      [](Request& request, Responder& responder) -> Task<> {
        co_await sleep_for(100ms);
        co_await echo(request, responder);
      },
      config);
  Caller caller(provider.files.certificate());
  CHECK(caller.call(provider.port(), "/first").outcome);  // the server's settings are known from here on
  for (const Answer& answer : caller.call_all(provider.port(), 6, "/")) CHECK(answer.body == "h2 POST / 0");
  CHECK(caller.opened() == 3);
}

TEST_CASE("client http2: a reader that does not read holds the server back") {
  std::atomic<std::size_t> written{0};
  Provider provider([&](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    co_await responder.start(std::move(head), -1);
    const std::string piece(50'000, 'x');
    for (int i = 0; i < 100; ++i) {
      auto wrote = co_await responder.write(piece);
      if (!wrote) co_return;
      written += piece.size();
    }
    co_await responder.finish();
  });
  Caller caller(provider.files.certificate());
  const Origin origin = Caller::origin(provider.port());
  caller.run([&]() -> Task<> {
    ClientRequest request{.target = "/"};
    auto response = co_await caller.client.send(origin, std::move(request), caller.timeouts);
    REQUIRE(response);
    co_await sleep_for(200ms);
    CHECK(written <= 256 * 1024 + 64 * 1024);
    auto other = co_await caller.call(origin, "GET", "/", "");  // is not held back by the first one
    CHECK(other.body.size() == 5'000'000);
    auto all = co_await read_all(**response, 10'000'000);
    CHECK(all->size() == 5'000'000);
  });
  CHECK(caller.opened() == 1);
}

TEST_CASE("client http2: a refused stream, and one beyond a GOAWAY, are sent again on a fresh connection") {
  for (const bool goaway : {false, true}) {
    FramePeer peer([goaway](int index, testing::TlsPeer& tls) {
      tls.read(100);
      if (index > 0) {
        tls.write(kOk);
      } else if (goaway) {
        tls.write(frame(kGoaway, 0, 0, number(0) + number(NGHTTP2_NO_ERROR)));
      } else {
        tls.write(frame(kReset, 0, 1, number(NGHTTP2_REFUSED_STREAM)));
      }
      wait_for_end(tls);
    });
    Caller caller(peer.certificate());
    const Answer answer = caller.call(peer.port(), "/" + std::string(100, 'a'), "body");
    CHECK(answer.outcome);
    CHECK(answer.body == "fine");
    CHECK(peer.connections() == 2);
    CHECK(caller.resent() == 1);
  }
}

TEST_CASE(
    "client http2: a kept connection that had died is replaced, one that dies with the request is not") {
  for (const bool alive : {false, true}) {
    FramePeer peer([alive](int index, testing::TlsPeer& tls) {
      tls.read(100);
      tls.write(kOk);
      if (index > 0) return wait_for_end(tls);
      tls.read(100);
      if (alive) tls.write(frame(kPing, 0, 0, "12345678"));
    });
    Caller caller(peer.certificate());
    const std::string target = "/" + std::string(200, 'a');
    CHECK(caller.call(peer.port(), target).body == "fine");
    const Answer second = caller.call(peer.port(), target);
    CHECK(second.outcome.has_value() == !alive);
    CHECK(caller.resent() == (alive ? 0 : 1));
  }
}

TEST_CASE("client http2: a stream that is refused twice is upstream_failed") {
  FramePeer peer([](int, testing::TlsPeer& tls) {
    tls.read(100);
    tls.write(frame(kReset, 0, 1, number(NGHTTP2_REFUSED_STREAM)));
    wait_for_end(tls);
  });
  Caller caller(peer.certificate());
  const Answer answer = caller.call(peer.port(), "/" + std::string(100, 'a'));
  REQUIRE(!answer.outcome);
  CHECK(answer.outcome.error().code == Code::upstream_failed);
  CHECK(answer.outcome.error().message.contains("REFUSED_STREAM"));
  CHECK(peer.connections() == 2);
}

TEST_CASE("client http2: what breaks off, or breaks the rules, is upstream_failed, not an answer") {
  const std::vector<std::string> endings{
      frame(kHeaders, kEndHeaders, 1, "\x88") + frame(kData, 0, 1, "half"),
      frame(kHeaders, kEndHeaders, 1, "\x88") + frame(kReset, 0, 1, number(NGHTTP2_INTERNAL_ERROR)),
      frame(kHeaders, kEndHeaders, 1, "\x88" + block({{"content-length", "5"}})) +
          frame(kData, kEndStream, 1, "four"),
      frame(kHeaders, kEndHeaders | kEndStream, 1, block({{"x", "no status"}})),
      frame(kHeaders, kEndHeaders | kEndStream, 1, "\x88" + block({{"connection", "close"}})),
      frame(kHeaders, kEndHeaders | kEndStream, 1, "\x88" + block({{"X-Upper", "1"}})),
      frame(kHeaders, kEndHeaders, 1, block({{":status", "101"}})),
      std::string("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
      frame(kPushPromise, kEndHeaders, 1, number(2)),
  };
  for (std::size_t i = 0; i < endings.size(); ++i) {
    CAPTURE(i);
    FramePeer peer([&](int, testing::TlsPeer& tls) {
      tls.read(100);
      tls.write(endings[i]);
    });
    Caller caller(peer.certificate());
    const Answer answer = caller.call(peer.port(), "/" + std::string(100, 'a'));
    REQUIRE(!answer.outcome);
    CHECK(answer.outcome.error().code == Code::upstream_failed);
  }
}

TEST_CASE("client http2: interim answers and trailers are passed over") {
  FramePeer peer([](int, testing::TlsPeer& tls) {
    tls.read(100);
    tls.write(frame(kHeaders, kEndHeaders, 1, block({{":status", "103"}, {"link", "x"}})));
    tls.write(frame(kHeaders, kEndHeaders, 1, "\x88") + frame(kData, 0, 1, "fine"));
    tls.write(frame(kHeaders, kEndHeaders | kEndStream, 1, block({{"x-trailer", "1"}})));
    wait_for_end(tls);
  });
  Caller caller(peer.certificate());
  const Answer answer = caller.call(peer.port(), "/" + std::string(100, 'a'));
  CHECK(answer.status == 200);
  CHECK(answer.body == "fine");
}

TEST_CASE("client http2: a head and a body that do not come in time are timed_out") {
  for (const bool head : {false, true}) {
    FramePeer peer([head](int, testing::TlsPeer& tls) {
      tls.read(100);
      if (head) tls.write(frame(kHeaders, kEndHeaders, 1, "\x88"));
      wait_for_end(tls);
    });
    Caller caller(peer.certificate());
    caller.timeouts.first_byte = 500ms;
    caller.timeouts.idle = 50ms;
    const Answer answer = caller.call(peer.port(), "/" + std::string(100, 'a'));
    REQUIRE(!answer.outcome);
    CHECK(answer.outcome.error().code == Code::timed_out);
    CHECK(answer.status == (head ? 200 : 0));
  }
}

TEST_CASE("client http2: a server that drains finishes what runs, and the next call opens a connection") {
  Provider first([](Request& request, Responder& responder) -> Task<> {
    co_await sleep_for(200ms);
    co_await echo(request, responder);
  });
  Caller caller(first.files.certificate());
  std::thread drain([&] {
    within(3s, [&] { return first.server.server().connections() == 1; });
    std::this_thread::sleep_for(100ms);
    CHECK(first.server.server().drain() == 0);
  });
  for (const Answer& answer : caller.call_all(first.port(), 10, "/")) CHECK(answer.body == "h2 POST / 0");
  drain.join();
  const Answer after = caller.call(first.port(), "/");
  REQUIRE(!after.outcome);
  CHECK(after.outcome.error().message.contains("cannot connect"));
}

}  // namespace weir::net

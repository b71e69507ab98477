// TLS as clients see it: over real sockets.
#include <doctest/doctest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <thread>

#include "net/tls/certificate_watch.h"
#include "net_server_fixture.h"
#include "net_tls_peer.h"

namespace weir::net {
namespace {

using test::CertificateFiles;
using test::RunningServer;
using test::TlsClient;
using test::TlsOffer;
using namespace std::chrono_literals;

constexpr std::string_view kRequest = "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi";

Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  response.body = (request.secure ? "secure " : "clear ") + *body;
  co_await responder.send(std::move(response));
}

ServerConfig with(const CertificateFiles& files) {
  ServerConfig config;
  config.tls_certificate_file = files.certificate();
  config.tls_key_file = files.key();
  return config;
}

}  // namespace

TEST_CASE("requests are served over TLS 1.3 and 1.2") {
  const CertificateFiles files("weir.test");
  RunningServer running(echo, with(files));
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsClient client(running.port(), {.version_max = version});
    REQUIRE(client.connected());
    CHECK(client.send(kRequest));
    CHECK(client.read_until("secure hi").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(client.send(kRequest));
    CHECK(client.read_until("secure hi").starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("TLS 1.1 and weak suites are refused") {
  const CertificateFiles files("weir.test");
  RunningServer running(echo, with(files));
  CHECK(!TlsClient(running.port(), {.version_max = TLS1_1_VERSION}).connected());
  CHECK(!TlsClient(running.port(), {.version_max = TLS1_2_VERSION, .suites_tls12 = "ECDHE-ECDSA-AES256-SHA"}).connected());
  CHECK(!TlsClient(running.port(), {.version_max = TLS1_2_VERSION, .suites_tls12 = "AES128-GCM-SHA256"}).connected());
}

TEST_CASE("ALPN chooses http/1.1, and a client without it is served") {
  const CertificateFiles files("weir.test");
  RunningServer running(echo, with(files));
  CHECK(TlsClient(running.port(), {.alpn = "\x08http/1.1"}).alpn() == "http/1.1");
  CHECK(TlsClient(running.port()).alpn().empty());
}

TEST_CASE("a large body and a large answer cross TLS unharmed") {
  const CertificateFiles files("weir.test");
  RunningServer running(echo, with(files));
  std::string body(300'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
  TlsClient client(running.port());
  REQUIRE(client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\n" + body));
  CHECK(client.read_until("\r\n\r\nsecure " + body).ends_with("\r\n\r\nsecure " + body));
}

TEST_CASE("a session is resumed, also after the certificate was reloaded") {
  CertificateFiles files("old.test");
  RunningServer running(echo, with(files));
  TlsClient first(running.port());
  first.send(kRequest);
  first.read_until("hi");  // TLS 1.3: tickets come after the handshake
  const std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session(first.session(), SSL_SESSION_free);
  CHECK(TlsClient(running.port(), {.session = session.get()}).resumed());
  files.write("new.test");
  CHECK(running.server().reload_tls());
  CHECK(TlsClient(running.port(), {.session = session.get()}).resumed());
}

TEST_CASE("reload_tls changes the certificate of new connections and drops none") {
  CertificateFiles files("old.test");
  RunningServer running(echo, with(files));
  TlsClient before(running.port());
  CHECK(before.peer_name() == "old.test");
  files.write("new.test");
  CHECK(running.server().reload_tls());
  CHECK(TlsClient(running.port()).peer_name() == "new.test");
  CHECK(before.send(kRequest));
  CHECK(before.read_until("secure hi").starts_with("HTTP/1.1 200 OK\r\n"));
  std::ofstream(files.certificate()) << "not a certificate";
  const auto failed = running.server().reload_tls();
  REQUIRE(!failed);
  CHECK(failed.error().message.contains(files.certificate()));
  CHECK(TlsClient(running.port()).peer_name() == "new.test");
}

TEST_CASE("changed certificate files are noticed") {
  CertificateFiles files("old.test");
  RunningServer running(echo, with(files));
  files.write("new.test");
  const auto limit = std::chrono::steady_clock::now() + 3 * tls::kCertificateCheckInterval;
  std::string name;
  while (name != "new.test" && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(50ms);
    name = TlsClient(running.port()).peer_name();
  }
  CHECK(name == "new.test");
}

TEST_CASE("a handshake that stalls or is no TLS ends") {
  const CertificateFiles files("weir.test");
  ServerConfig config = with(files);
  config.head_timeout = 100ms;
  RunningServer running(echo, config);
  test::RawClient silent(running.port());
  CHECK(silent.closed_within(1s));
  test::RawClient clear(running.port());
  clear.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  CHECK(clear.closed_within(1s));
}

TEST_CASE("over TLS too the handler is cancelled when the client goes away") {
  const CertificateFiles files("weir.test");
  std::atomic<bool> started{false};
  std::atomic<bool> ended{false};
  RunningServer running(
      [&](Request&, Responder&) -> Task<> {
        struct Ended {
          std::atomic<bool>& flag;
          ~Ended() { flag = true; }
        } const at_end{ended};
        started = true;
        const Executor executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, 20s);
        co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
      },
      with(files));
  TlsClient client(running.port());
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  while (!started) std::this_thread::yield();
  client.close();
  const auto limit = std::chrono::steady_clock::now() + 100ms;
  while (!ended && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  CHECK(ended);
}

}  // namespace weir::net

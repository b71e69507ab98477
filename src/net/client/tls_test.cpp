#include "net/client/tls.h"

#include <doctest/doctest.h>
#include <net_client_peer.h>
#include <net_client_tls.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>

#include "net/client.h"

namespace weir::net {
namespace {

using testing::Peer;
using testing::TlsPeer;
using testing::TlsServer;

struct TemporaryFile {
  std::string path;
  TemporaryFile() {
    char name[] = "/tmp/weir-tls-test-XXXXXX";
    const int fd = ::mkstemp(name);
    WEIR_ASSERT(fd >= 0);
    ::close(fd);
    path = name;
  }
  ~TemporaryFile() { ::unlink(path.c_str()); }
};

struct Outcome {
  Result<std::string> body;
};

struct TlsFixture {
  SystemClock clock;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  boost::asio::io_context loop{1};
  WorkerPool workers{"dns", 1, 8};
  TemporaryFile certificate;

  Task<Outcome> call(Client& client, Origin to, std::string body) {
    ClientRequest request{.target = "/", .body = std::move(body)};
    auto response = co_await client.send(to, std::move(request), ClientTimeouts());
    if (!response) co_return Outcome{fail(response)};
    auto text = co_await read_all(**response, 10'000'000);
    co_return Outcome{std::move(text)};
  }

  Result<std::string> post(Client& client, const std::string& host, const Peer& peer, std::string body = "{}") {
    std::optional<Outcome> outcome;
    const Origin to{.tls = true, .host = host, .port = peer.port()};
    boost::asio::co_spawn(loop, call(client, to, std::move(body)),
                          [&](const std::exception_ptr&, Outcome o) { outcome = std::move(o); });
    while (!outcome) loop.run_one();
    return outcome->body;
  }
};

TEST_CASE_FIXTURE(TlsFixture, "client over TLS: names, resumption, large bodies") {
  TlsServer server("DNS:localhost", certificate.path);
  std::string large;
  while (large.size() < 1'000'000) large += std::to_string(large.size()) + " ";
  std::atomic<int> resumed = 0;
  std::atomic<bool> named = true;
  Peer peer([&](int, int fd) {
    TlsPeer tls(server, fd);
    if (!tls.handshake()) return;
    resumed += tls.resumed() ? 1 : 0;
    named = named && tls.server_name() == "localhost";
    const std::string request = tls.read(large.size());
    tls.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: " + std::to_string(large.size()) + "\r\n\r\n");
    tls.write(request.substr(request.find("\r\n\r\n") + 4));
    tls.write(tls.read(large.size() - (request.size() - request.find("\r\n\r\n") - 4)));
    tls.close();
  });
  Client client(ClientConfig{.ca_file = certificate.path}, workers, log, metrics);
  for (int i = 0; i < 3; ++i) {
    const auto body = post(client, "localhost", peer, large);
    REQUIRE(body);
    CHECK((*body == large));
  }
  CHECK(resumed.load() == 2);
  CHECK(named);
}

TEST_CASE_FIXTURE(TlsFixture, "client over TLS: a connection is reused, and a stale one is noticed") {
  TlsServer server("IP:127.0.0.1", certificate.path);
  Peer peer([&](int, int fd) {
    TlsPeer tls(server, fd);
    if (!tls.handshake()) return;
    for (int i = 0; i < 2; ++i) {
      if (tls.read(1).empty()) return;
      tls.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
    }
    tls.close();
  });
  Client client(ClientConfig{.ca_file = certificate.path}, workers, log, metrics);
  for (int i = 0; i < 4; ++i) {
    CHECK(post(client, "127.0.0.1", peer).value_or("failed") == "hi");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(peer.connections() == 2);
}

TEST_CASE_FIXTURE(TlsFixture, "client over TLS: who cannot prove the name is refused") {
  TlsServer server("DNS:elsewhere.example", certificate.path);
  Peer peer([&](int, int fd) {
    TlsPeer tls(server, fd);
    tls.handshake();
  });
  Client trusting(ClientConfig{.ca_file = certificate.path}, workers, log, metrics);
  const auto wrong_name = post(trusting, "localhost", peer);
  REQUIRE_FALSE(wrong_name);
  CHECK(wrong_name.error().code == Code::upstream_failed);
  CHECK(wrong_name.error().message.contains("not trusted"));
  const auto wrong_address = post(trusting, "127.0.0.1", peer);
  REQUIRE_FALSE(wrong_address);
  CHECK(wrong_address.error().message.contains("not trusted"));

  Client system_store(ClientConfig{}, workers, log, metrics);
  const auto unknown_issuer = post(system_store, "localhost", peer);
  REQUIRE_FALSE(unknown_issuer);
  CHECK(unknown_issuer.error().message.contains("not trusted"));

  Client no_file(ClientConfig{.ca_file = "/nowhere/ca.pem"}, workers, log, metrics);
  const auto unreadable = post(no_file, "localhost", peer);
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().message.contains("/nowhere/ca.pem"));
}

TEST_CASE_FIXTURE(TlsFixture, "client over TLS: a truncated body is not taken for a whole one") {
  TlsServer server("DNS:localhost", certificate.path);
  Peer peer([&](int index, int fd) {
    TlsPeer tls(server, fd);
    if (!tls.handshake() || tls.read(1).empty()) return;
    tls.write("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    if (index == 1) tls.close();  // RFC 8446 §6.1: close_notify is what tells an end from a cut
  });
  Client client(ClientConfig{.ca_file = certificate.path}, workers, log, metrics);
  CHECK_FALSE(post(client, "localhost", peer));
  CHECK(post(client, "localhost", peer).value_or("failed") == "until the end");
}

}  // namespace
}  // namespace weir::net

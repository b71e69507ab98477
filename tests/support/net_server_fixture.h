// A running server with one handler, for tests over real sockets.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "base/clock.h"
#include "net/loops.h"
#include "net/server.h"
#include "net_raw_client.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::net::test {

class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerConfig config = {}, std::size_t loop_count = 1)
      : log_(observe::LogConfig{observe::Level::error, observe::LogFormat::json, 1'000}, clock_, 2),
        loops_(loop_count),
        server_(with_free_port(std::move(config)), loops_, std::move(handler), clock_, log_, metrics_) {
    loops_.start();
    const auto started = server_.start();
    REQUIRE_MESSAGE(started, (started ? std::string() : started.error().message));
  }

  Server& server() { return server_; }
  std::uint16_t port() const { return server_.port(); }
  observe::Metrics& metrics() { return metrics_; }

  std::string ask(std::string_view request) {
    RawClient client(port());
    client.send(request);
    return client.read_to_end();
  }

 private:
  static ServerConfig with_free_port(ServerConfig config) {
    config.port = 0;
    return config;
  }

  SystemClock clock_;
  observe::Log log_;
  observe::Metrics metrics_;
  Loops loops_;
  Server server_;
};

}  // namespace weir::net::test

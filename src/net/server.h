// net/server.h: the server side of HTTP: listeners, TLS, HTTP/1.1 and HTTP/2, limits, drain.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "net/http.h"
#include "net/loops.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::net {

// Everything that a client controls has a limit here.
struct ServerConfig {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6
  std::uint16_t port = 8080;          // 0: the kernel chooses (tests)

  std::string tls_certificate_file;   // PEM chain; empty: clear text
  std::string tls_key_file;

  std::size_t connections_max = 20'000;
  std::size_t head_size_max = 16 * 1024;  // request line and fields
  std::size_t fields_max = 64;
  std::size_t target_size_max = 8 * 1024;
  std::size_t body_size_max = 520 * 1024 * 1024;   // a file of Anthropic's limit and its form; routes lower it
  std::size_t body_drain_max = 64 * 1024;          // unread request bytes that are skipped to keep a connection
  std::uint32_t h2_streams_max = 100;              // per connection
  std::uint32_t h2_stream_window_bytes = 64 * 1024;
  std::uint32_t h2_connection_window_bytes = 1024 * 1024;
  std::size_t h2_abuse_frames_max = 200;           // cheap-to-send frames before GOAWAY

  std::chrono::milliseconds head_timeout{10'000};  // first byte to the end of the head, TLS included
  std::chrono::milliseconds body_idle_timeout{10'000};
  std::size_t body_rate_min = 500;                 // bytes/s, averaged since the body began, after 5 s
  std::chrono::milliseconds write_timeout{12'000}; // no progress while we have bytes to send
  std::chrono::milliseconds idle_timeout{75'000};  // keep-alive between requests
  std::chrono::milliseconds drain_timeout{300'000};

  Result<> check() const;
};

// Accepts on every loop (SO_REUSEPORT) and calls the handler once per request.
class Server {
 public:
  Server(ServerConfig config, Loops& loops, Handler handler, const Clock& clock, observe::Log& log,
         observe::Metrics& metrics);
  ~Server();

  Result<> start();             // binds and listens; invalid_request names the address when it cannot
  std::uint16_t port() const;   // after start
  // Reads the certificate and key again; on failure the old ones stay in use. Also done on its own
  // when the files change.
  Result<> reload_tls();
  // Stops accepting, closes idle connections, lets requests finish. Blocks up to drain_timeout,
  // then cuts what is left. Returns the number of requests that were cut. Call from outside the loops.
  std::size_t drain();
  std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net

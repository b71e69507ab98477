// net/client.h: the client side of HTTP towards providers: HTTPS with keep-alive pools, one per loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "net/headers.h"
#include "net/http.h"
#include "net/worker_pool.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::net {

struct Origin {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
  std::string base_path;  // "" or "/prefix"
  // "https://api.anthropic.com", "http://127.0.0.1:9000/prefix".
  static Result<Origin> parse(std::string_view url);
  std::string to_string() const;
};

struct ClientTimeouts {
  std::chrono::milliseconds connect{5'000};         // DNS, TCP and TLS
  std::chrono::milliseconds first_byte{600'000};    // request sent → response head
  std::chrono::milliseconds idle{300'000};          // between two pieces of the body
};

struct ClientConfig {
  std::size_t idle_per_origin_max = 256;             // per loop
  std::chrono::milliseconds idle_connection_max{55'000};
  std::chrono::milliseconds addresses_max_age{10'000};  // of DNS answers, per loop
  std::size_t head_size_max = 64 * 1024;
  std::string ca_file;                               // empty: the system's
};

struct ClientRequest {
  std::string method = "POST";
  std::string target;  // path and query, after the origin's base path
  Headers headers;     // host, content-length and connection are the client's
  std::string body;
};

// A response whose head has arrived; its body is read from it. Destroying it early closes the
// connection at once, which is how a call is aborted; reading to the end returns it to the pool.
class ClientResponse : public BodyReader {
 public:
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
};

// Safe to use from every loop: each has its own pool. Redirects are never followed.
// Errors: upstream_failed (refused, DNS, TLS, broken HTTP), timed_out, cancelled. A request that died
// on a reused connection before any byte of the answer is sent once more on a fresh one.
// invalid_request: a header, method or target that HTTP does not allow. `origin` outlives the call.
class Client {
 public:
  Client(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics);
  ~Client();
  Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request,
                                                     ClientTimeouts timeouts);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net

// net/client.h: the client side of HTTP towards providers: HTTPS with keep-alive pools, one per loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/task.h"
#include "net/http_client.h"
#include "net/worker_pool.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::net {

struct ClientConfig {
  std::size_t idle_per_origin_max = 256;  // per loop
  std::chrono::milliseconds idle_connection_max{55'000};
  std::chrono::milliseconds addresses_max_age{10'000};  // of DNS answers, per loop
  std::size_t head_size_max = 64 * 1024;
  std::string ca_file;                                // empty: the system's
  bool http2 = true;                                  // where the server offers it (ALPN)
  std::uint32_t h2_stream_window_bytes = 256 * 1024;  // of an answer that nobody reads
};

// Safe to use from every loop: each has its own pool. Redirects are never followed.
// Over HTTP/2 the calls of a loop to an origin share one connection, up to the peer's MAX_CONCURRENT_STREAMS.
// A request that died on a reused connection before any byte of the answer, or that an HTTP/2 server has
// refused to process (REFUSED_STREAM, GOAWAY), is sent once more on a fresh one.
class Client final : public HttpClient {
 public:
  Client(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics);
  ~Client() override;
  Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request,
                                                     ClientTimeouts timeouts) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net

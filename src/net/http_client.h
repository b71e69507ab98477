// net/http_client.h: a request to another server and its answer, whoever carries them: net::Client
// over sockets, and what tests put in its place.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "net/headers.h"
#include "net/http.h"

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
  std::chrono::milliseconds connect{5'000};       // DNS, TCP and TLS
  std::chrono::milliseconds first_byte{600'000};  // from the first byte sent → response head
  std::chrono::milliseconds idle{300'000};        // between two pieces of the body
  std::chrono::milliseconds upload{3'600'000};    // a request's body from a source, as a whole
};

struct ClientRequest {
  std::string method = "POST";
  std::string target;     // path and query, after the origin's base path
  Headers headers;        // host, content-length and connection are the client's
  std::string_view body;  // borrowed until send returns, so that another try needs no copy
  // Instead of `body`: sent as it arrives, piece by piece, so that a slow server slows its reader; outlives
  // send. What it fails with, send fails with, and the server sees the request break off. An answer that
  // comes before its end ends the sending; then some of it is left unread.
  BodyReader* source = nullptr;
  std::int64_t source_size = -1;  // -1: unknown, and then HTTP/1.1 sends chunks
};

// A response whose head has arrived; its body is read from it. Destroying it early closes the
// connection at once, which is how a call is aborted; reading to the end returns it to the pool.
class ClientResponse : public BodyReader {
 public:
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  // What it took to open a connection for it: DNS, TCP and TLS, or the wait for another call that did so.
  // 0: one was open.
  virtual std::chrono::nanoseconds connect_time() const { return {}; }
  virtual Headers take_headers() { return headers(); }  // once: headers() may be empty afterwards
  // From the next read on, instead of ClientTimeouts::idle. What waits for nobody need not heed it.
  virtual void limit_idle(std::chrono::nanoseconds /*limit*/) {}
};

// Errors: upstream_failed (refused, DNS, TLS, broken HTTP), timed_out, cancelled; invalid_request: a
// header, method or target that HTTP does not allow. `origin` outlives the call.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request,
                                                             ClientTimeouts timeouts) = 0;
};

}  // namespace weir::net

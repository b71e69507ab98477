// net/http.h: HTTP messages as handlers see them (RFC 9110), the same for HTTP/1.1 and HTTP/2.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ip.h"
#include "base/task.h"
#include "net/headers.h"

namespace weir::net {

enum class HttpVersion : std::uint8_t { http10, http11, http2 };

// A body as it arrives. One reader, one thread.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The next piece; empty at the end. The view is valid until the next read. Reading is what grants
  // the peer more window: who stops reading pushes back. Errors: too_large, cancelled, invalid_request
  // (broken framing), request_timeout (a client that is too slow); timed_out and upstream_failed (a
  // provider's body that comes too slowly or ends too early).
  virtual Task<Result<std::string_view>> read() = 0;
  // Ends a read that waits with `cancelled`, from the reader's own loop; nothing is lost, and reading may go
  // on. For a body that is passed on while it arrives, when the other side has had enough.
  virtual void interrupt() {}
};

// A body that is there already.
class StringBody final : public BodyReader {
 public:
  explicit StringBody(std::string text) : text_(std::move(text)) {}
  Task<Result<std::string_view>> read() override;

 private:
  std::string text_;
  bool done_ = false;
};

// Reads to the end. too_large when more than size_max bytes arrive.
Task<Result<std::string>> read_all(BodyReader& body, std::size_t size_max);

// A request whose framing has been checked. Valid until its handler returns.
struct Request {
  std::string method;   // as sent; methods are case-sensitive
  std::string target;   // as sent, origin-form ("*" only with OPTIONS)
  std::string path;     // percent-decoded once, dot segments refused: route and authorise on this
  std::string query;    // raw, without '?'
  std::string authority;  // Host, or :authority
  Headers headers;      // without the pseudo-headers of HTTP/2
  HttpVersion version = HttpVersion::http11;
  bool secure = false;  // arrived over TLS
  IpAddress peer;       // who holds the connection; the client's address is the edge's decision
  std::int64_t content_length = -1;  // -1: chunked, or unknown
  bool has_body = false;
  BodyReader* body = nullptr;        // never null in a handler; "100 Continue" goes out on first read
};

struct ResponseHead {
  int status = 200;
  Headers headers;  // without framing: content-length, transfer-encoding, connection, date are the server's
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// Where a handler's answer goes: either one send, or start, write…, finish. Each call waits until the
// peer has taken enough (back-pressure); `cancelled` means that the peer is gone.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual Task<Result<>> send(Response response) = 0;
  // Begins a streamed answer. The head leaves together with the first write, in one packet.
  // content_length -1: chunked on HTTP/1.1, until END_STREAM on HTTP/2.
  virtual Task<Result<>> start(ResponseHead head, std::int64_t content_length) = 0;
  virtual Task<Result<>> write(std::string_view bytes) = 0;
  virtual Task<Result<>> finish() = 0;
  // Ends the connection (HTTP/1.1) or resets the stream (HTTP/2) so that the peer cannot take a
  // broken answer for a whole one.
  virtual void abort() = 0;
  virtual bool started() const = 0;  // a status has been decided
};

// Answers one request. Runs on the connection's loop; it is cancelled (the pending co_await throws
// operation_aborted) when the client goes away, so clean-up stands in destructors and does not await.
// A handler that returns without an answer, or throws, is answered with a bare 500 by the server.
using Handler = std::function<Task<>(Request&, Responder&)>;

}  // namespace weir::net

// net/client/tls.h: TLS towards providers: OpenSSL on a non-blocking socket, without buffers of ours
// between them, so that an idle connection holds no record buffer (SSL_MODE_RELEASE_BUFFERS).
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"

namespace weir::net {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

template <auto release>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslFree<&::SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpenSslFree<&::SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, OpenSslFree<&::SSL_SESSION_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpenSslFree<&::BIO_meth_free>>;

// What all connections share: whom to trust (ca_file, or the system's store; SSL_CERT_FILE and
// SSL_CERT_DIR are honoured), TLS 1.2 or newer, ALPN "http/1.1", and "h2" before it with `http2`.
class TlsContext {
 public:
  TlsContext(std::string ca_file, bool http2) : ca_file_(std::move(ca_file)), http2_(http2) {}
  bool http2() const { return http2_; }

  // Reads the certificates, once; it takes some 30 ms of disk and CPU, so it runs on a worker thread.
  // upstream_failed, for good, when they cannot be read. Thread-safe.
  Result<> load();
  bool loaded() const { return loaded_; }

 private:
  friend class TlsStream;
  Result<> build();

  const std::string ca_file_;
  const bool http2_;
  std::once_flag once_;
  std::atomic<bool> loaded_{false};
  Result<> outcome_;
  BioMethodPtr bio_method_;
  SslContextPtr context_;
};

// One connection's TLS state. Each step does what it can at once and says what it waits for.
class TlsStream {
 public:
  enum class Want : std::uint8_t { nothing, read, write, end, failed };
  struct Step {
    Want want = Want::nothing;
    std::size_t size = 0;  // with `nothing`: bytes that were moved
  };

  // The context is loaded. `session` is resumed when there is one and is replaced by what the peer
  // offers; it and the socket outlive this.
  TlsStream(TlsContext& context, const std::string& host, TcpSocket& socket, SslSessionPtr& session);

  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Step handshake();
  Step read(std::span<char> target);
  Step write(std::string_view bytes);  // after a `read` or `write` it is called again with the same bytes
  // Nothing has arrived since the last read: the peer has neither closed nor sent what was not asked for.
  bool quiet();
  std::string_view alpn() const;  // after the handshake: what the peer has chosen, or empty
  const std::string& problem() const { return problem_; }  // after `failed`

 private:
  Step outcome(int result, std::size_t size);
  SslPtr ssl_;
  std::string problem_;
};

}  // namespace weir::net

// net/probe/peer.h: a plain look at a server from outside: its certificate and TLS versions, and what it
// answers to bytes that no HTTP client would send. For commands: each call blocks its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"

namespace weir::net {

enum class TlsOffer : std::uint8_t {
  modern,    // TLS 1.2 and 1.3
  outdated,  // TLS 1.0 and 1.1 alone, which no server should take any more (RFC 8996)
};

struct TlsFacts {
  std::string version;    // "TLSv1.3"
  std::string untrusted;  // why the certificate is not believed; empty: it is, for this host
  WallTime expires{};
};

// A new connection for each call. Errors: upstream_failed (no address, refused, no handshake), timed_out.
class Peer {
 public:
  static constexpr std::size_t kAnswerMax = 64 * 1024;  // bytes

  // ca_file: beside the system's authorities; `limit`: of each connect, read and write.
  Peer(Origin origin, std::string ca_file, std::chrono::milliseconds limit)
      : origin_(std::move(origin)), ca_file_(std::move(ca_file)), limit_(limit) {}

  Result<TlsFacts> look_at_tls(TlsOffer offer) const;
  // Sends `bytes` as they are, over TLS where the origin says so, and reads until the peer closes, is silent
  // for `limit`, or has sent kAnswerMax. What arrived; empty when nothing did.
  Result<std::string> exchange(std::string_view bytes) const;
  // How long it takes until the peer takes a connection.
  Result<std::chrono::nanoseconds> connect_time(const Clock& clock) const;

 private:
  const Origin origin_;
  const std::string ca_file_;
  const std::chrono::milliseconds limit_;
};

}  // namespace weir::net

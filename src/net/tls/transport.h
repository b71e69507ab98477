// net/tls/transport.h: the byte stream over TLS. OpenSSL reads and writes the socket itself, so that
// nothing is copied through a pair of memory buffers and an idle connection holds none.
#pragma once

#include <chrono>
#include <memory>

#include "net/tls/server_context.h"
#include "net/transport.h"

namespace weir::net::tls {

// Takes over a connected socket; call handshake() first. Null when OpenSSL has no memory.
std::unique_ptr<Transport> make_transport(TcpSocket socket, const IpAddress& peer,
                                          std::chrono::milliseconds write_timeout, const ServerContext& context);

}  // namespace weir::net::tls

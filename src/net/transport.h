// net/transport.h: a connected byte stream, TCP or TLS, as the drivers of HTTP/1.1 and HTTP/2 use it.
// TCP_NODELAY is always set: drivers gather what belongs together into one write.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/ip.h"
#include "base/task.h"

namespace weir::net {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Bytes that the kernel takes from us and has not yet sent. More would wait there, up to megabytes for each
// peer that reads slowly, without helping one that reads fast: what is on the wire does not count. It also
// sets what "takes bytes" means for the write timeout: half of this must have left.
constexpr int kUnsentMax = 64 * 1024;

// What every connection's socket gets: TCP_NODELAY, kUnsentMax, and no blocking.
void prepare_socket(TcpSocket& socket);
// Ends a connection whose peer takes nothing: without the bytes that still wait for it, which the kernel
// would keep until the peer has taken them.
void reset_socket(TcpSocket& socket);

// Takes the outcome of Transport::start_read.
class ReadSink {
 public:
  // As read_some returns it. Called once, from the loop, never from inside start_read.
  virtual void on_read(Result<std::size_t> outcome) = 0;

 protected:
  ~ReadSink() = default;
};

// Lives on one loop. One read and one write may be under way at a time, beside each other.
// Errors of every operation: cancelled (the peer is gone, or close() was called), timed_out (the peer
// takes nothing for the write timeout; the transport is then closed).
class Transport {
 public:
  virtual ~Transport() = default;

  // Before anything else: the TLS handshake. Nothing to do in clear text.
  virtual Task<Result<>> handshake() { co_return Result<>(); }

  // At least one byte, or 0 when the peer has ended its side.
  virtual Task<Result<std::size_t>> read_some(std::span<char> into) = 0;
  // The same without a coroutine: a read that stays pending while a handler runs tells at once that
  // the client is gone, and costs nothing, because the next request needs that read anyway. `into`
  // must stay valid until the sink is called; `owner` keeps sink and buffer alive until then.
  virtual void start_read(std::span<char> into, ReadSink& sink, std::shared_ptr<void> owner) = 0;

  // Writes all of the pieces, in one system call when the kernel has room, without suspending then.
  virtual Task<Result<>> write(std::string_view first, std::string_view second = {},
                               std::string_view third = {}) = 0;

  // Ends our side (TLS: close_notify first), so that the peer can read the last answer to its end.
  virtual void end_write() = 0;
  // Ends both sides; pending operations complete with `cancelled`. Idempotent, also the destructor's.
  virtual void close() = 0;
  virtual bool is_open() const = 0;

  virtual const IpAddress& peer() const = 0;
  virtual bool secure() const = 0;            // TLS
  virtual std::string_view alpn() const = 0;  // "h2", "http/1.1", or empty
};

// The clear-text one. Takes over a connected socket.
std::unique_ptr<Transport> make_tcp_transport(TcpSocket socket, const IpAddress& peer,
                                              std::chrono::milliseconds write_timeout);

}  // namespace weir::net

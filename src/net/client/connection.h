// net/client/connection.h: one TCP or TLS connection to a provider, with a time limit on each step.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "net/client.h"
#include "net/client/resolver.h"
#include "net/client/tls.h"
#include "net/deadline.h"

namespace weir::net {

// Destroying it closes the socket at once. A step that has failed is the last one. After the handshake one
// read and one write may be under way beside each other. Errors of every step: upstream_failed, timed_out,
// cancelled.
class Connection {
 public:
  explicit Connection(const Executor& executor);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Tries each address in turn; an address that does not answer leaves the others their share of `limit`.
  Task<Result<>> connect(const Endpoints& addresses, std::chrono::nanoseconds limit);
  // After connect, for https. `session` outlives the connection.
  Task<Result<>> start_tls(TlsContext& context, const std::string& host, SslSessionPtr& session,
                           std::chrono::nanoseconds limit);
  // Head and body in one gathered write (over TLS: the head shares its record with the body's beginning).
  Task<Result<>> write(std::string_view head, std::string_view body, std::chrono::nanoseconds limit);
  // What has arrived, valid until the next read; empty when the peer has closed. While waiting, a clear
  // text connection holds kWaitingBufferSize bytes, a TLS connection none.
  Task<Result<std::span<char>>> read(std::chrono::nanoseconds limit);

  // Calls `on_arrival` once, from the loop, when the peer sends something or closes, while nobody reads.
  void watch(std::function<void()> on_arrival);
  void stop_watching() { on_arrival_ = nullptr; }
  void interrupt_write();  // a write under way ends with `cancelled`; the rest of it is lost

  void close();  // what is under way ends with upstream_failed or cancelled
  std::string_view alpn() const { return tls_ ? tls_->alpn() : std::string_view(); }

  // Between two requests: the peer has not closed the connection, nor sent anything.
  bool quiet();
  // The memory of the last read, which an idle connection does not need.
  void release_buffer() {
    resize_buffer(0);
    next_buffer_size_ = kWaitingBufferSize;
  }
  Monotonic now() const { return deadlines_.now(); }

 private:
  static constexpr std::size_t kWaitingBufferSize = 2 * 1024;
  static constexpr std::size_t kTrickleBufferSize = 1024;    // for a stream of small events
  static constexpr std::size_t kBulkBufferSize = 16 * 1024;  // also the largest TLS record

  Task<Result<>> wait(TlsStream::Want want, Deadline& deadline);
  Task<Result<>> write_plain(std::string_view head, std::string_view body);
  Task<Result<>> write_tls(std::string_view bytes);
  Task<Result<std::span<char>>> read_tls();
  Task<Result<std::span<char>>> read_plain();
  std::unexpected<Error> failure(std::string_view what, const boost::system::error_code& ec) const;
  std::unexpected<Error> tls_failure(std::string_view what) const;
  void resize_buffer(std::size_t size);
  void wait_for_arrival();

  DeadlineList& deadlines_;
  TcpSocket socket_;
  Deadline deadline_;  // of connect, handshake and read
  Deadline write_deadline_;
  std::optional<TlsStream> tls_;
  std::unique_ptr<char[]> buffer_;
  std::size_t buffer_size_ = 0;
  std::size_t next_buffer_size_ = kWaitingBufferSize;
  std::function<void()> on_arrival_;
  const std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  // told by weak ones to what is under way
};

}  // namespace weir::net

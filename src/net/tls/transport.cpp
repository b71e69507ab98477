#include "net/tls/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

#include "net/deadline.h"

namespace weir::net::tls {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::size_t kRecordSize = 16 * 1024;  // RFC 8446 §5.1: the most that one record carries

std::unexpected<Error> gone() {
  return fail(Code::cancelled, "the connection is gone");
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(TcpSocket socket, const IpAddress& peer, std::chrono::milliseconds write_timeout, SSL* ssl)
      : socket_(std::move(socket)),
        ssl_(ssl, SSL_free),
        peer_(peer),
        write_timeout_(write_timeout),
        stalled_(DeadlineList::of(socket_.get_executor().context()), [this] { reset_socket(socket_); }) {
    prepare_socket(socket_);
    SSL_set_fd(ssl_.get(), socket_.native_handle());
    SSL_set_accept_state(ssl_.get());
  }
  ~TlsTransport() override { close(); }

  Task<Result<>> handshake() override {
    while (socket_.is_open()) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      if (done == 1) co_return Result<>();
      const auto wait = what_to_wait_for(done);
      if (!wait) co_return fail(Code::invalid_request, "the TLS handshake failed");
      const auto [ec] = co_await socket_.async_wait(*wait, kAwait);
      if (ec) break;
    }
    co_return gone();
  }

  Task<Result<std::size_t>> read_some(std::span<char> into) override {
    while (socket_.is_open()) {
      auto outcome = read_now(into);
      if (outcome) co_return *outcome;
      const auto [ec] = co_await socket_.async_wait(wait_, kAwait);
      if (ec) break;
    }
    co_return gone();
  }

  void start_read(std::span<char> into, ReadSink& sink, std::shared_ptr<void> owner) override {
    if (!socket_.is_open()) {
      asio::post(socket_.get_executor(), [&sink, owner = std::move(owner)] { sink.on_read(gone()); });
      return;
    }
    auto outcome = read_now(into);
    if (outcome) {
      asio::post(socket_.get_executor(),
                 [&sink, outcome = *outcome, owner = std::move(owner)] { sink.on_read(outcome); });
      return;
    }
    // The owner keeps this transport alive as well.
    socket_.async_wait(wait_, [this, into, &sink, owner = std::move(owner)](const error_code& ec) mutable {
      if (ec) {
        sink.on_read(gone());
      } else {
        start_read(into, sink, std::move(owner));
      }
    });
  }

  Task<Result<>> write(std::string_view first, std::string_view second, std::string_view third) override {
    // Small pieces share one record; large ones are written in turn.
    if (first.size() + second.size() + third.size() <= kRecordSize) {
      std::string joined;
      if (!second.empty() || !third.empty()) {
        joined.reserve(first.size() + second.size() + third.size());
        joined.append(first).append(second).append(third);
        first = joined;
        second = third = {};
      }
      co_return co_await write_all(first);
    }
    for (const std::string_view piece : {first, second, third}) {
      auto written = co_await write_all(piece);
      if (!written) co_return written;
    }
    co_return Result<>();
  }

  void end_write() override {
    if (!socket_.is_open()) return;
    end_tls();
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void close() override {
    if (!socket_.is_open()) return;
    end_tls();
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_open() const override { return socket_.is_open(); }
  const IpAddress& peer() const override { return peer_; }
  bool secure() const override { return true; }
  std::string_view alpn() const override {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

 private:
  // After an operation that did not succeed; empty when it cannot succeed later either.
  std::optional<TcpSocket::wait_type> what_to_wait_for(int outcome) {
    switch (SSL_get_error(ssl_.get(), outcome)) {
      case SSL_ERROR_WANT_READ: return TcpSocket::wait_read;
      case SSL_ERROR_WANT_WRITE: return TcpSocket::wait_write;
      default: return std::nullopt;
    }
  }

  // Empty: wait for wait_, then try again.
  std::optional<Result<std::size_t>> read_now(std::span<char> into) {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
    if (done == 1) return Result<std::size_t>(size);
    const int error = SSL_get_error(ssl_.get(), done);
    if (error == SSL_ERROR_ZERO_RETURN) return Result<std::size_t>(0);
    const auto wait = what_to_wait_for(done);
    if (!wait) {
      broken_ = true;
      return Result<std::size_t>(gone());
    }
    wait_ = *wait;
    return std::nullopt;
  }

  Task<Result<>> write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!socket_.is_open()) co_return gone();
      ERR_clear_error();
      std::size_t size = 0;
      const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size);
      if (done == 1) {
        bytes.remove_prefix(size);
        continue;
      }
      const auto wait = what_to_wait_for(done);
      if (!wait) {
        broken_ = true;
        co_return gone();
      }
      stalled_.arm(write_timeout_);
      const auto [ec] = co_await socket_.async_wait(*wait, kAwait);
      stalled_.disarm();
      if (stalled_.fired()) co_return fail(Code::timed_out, "the peer takes no bytes");
      if (ec) co_return gone();
    }
    co_return Result<>();
  }

  // Sends close_notify once, if it can be sent at once. After a fatal error OpenSSL forbids it.
  void end_tls() {
    if (broken_ || ended_ || SSL_is_init_finished(ssl_.get()) == 0) return;
    ended_ = true;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }

  TcpSocket socket_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  const IpAddress peer_;
  const std::chrono::milliseconds write_timeout_;
  Deadline stalled_;
  TcpSocket::wait_type wait_ = TcpSocket::wait_read;  // of the read under way
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_transport(TcpSocket socket, const IpAddress& peer,
                                          std::chrono::milliseconds write_timeout,
                                          const ServerContext& context) {
  SSL* const ssl = SSL_new(context.current().get());
  if (ssl == nullptr) return nullptr;
  return std::make_unique<TlsTransport>(std::move(socket), peer, write_timeout, ssl);
}

}  // namespace weir::net::tls

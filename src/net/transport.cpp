#include "net/transport.h"

#include <netinet/tcp.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/deadline.h"
#include "net/gathered_bytes.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());

Result<std::size_t> read_outcome(const error_code& ec, std::size_t size) {
  if (!ec) return size;
  if (ec == asio::error::eof) return 0;
  return fail(Code::cancelled, "the connection is gone");
}

class TcpTransport final : public Transport {
 public:
  TcpTransport(TcpSocket socket, const IpAddress& peer, std::chrono::milliseconds write_timeout)
      : socket_(std::move(socket)),
        peer_(peer),
        write_timeout_(write_timeout),
        stalled_(DeadlineList::of(socket_.get_executor().context()), [this] { reset_socket(socket_); }) {
    prepare_socket(socket_);
  }

  Task<Result<std::size_t>> read_some(std::span<char> into) override {
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [ec, size] = co_await socket_.async_read_some(buffer, kAwait);
    co_return read_outcome(ec, size);
  }

  void start_read(std::span<char> into, ReadSink& sink, std::shared_ptr<void> owner) override {
    socket_.async_read_some(asio::buffer(into.data(), into.size()),
                            [&sink, owner = std::move(owner)](const error_code& ec, std::size_t size) {
                              sink.on_read(read_outcome(ec, size));
                            });
  }

  Task<Result<>> write(std::string_view first, std::string_view second, std::string_view third) override {
    GatheredBytes bytes(first, second, third);
    while (true) {
      const GatheredBytes::Sent sent = bytes.send(socket_.native_handle());
      if (sent == GatheredBytes::Sent::all) co_return Result<>();
      if (sent == GatheredBytes::Sent::failed) co_return fail(Code::cancelled, "the connection is gone");
      stalled_.arm(write_timeout_);
      const auto [ec] = co_await socket_.async_wait(TcpSocket::wait_write, kAwait);
      stalled_.disarm();
      if (stalled_.fired()) co_return fail(Code::timed_out, "the peer takes no bytes");
      if (ec) co_return fail(Code::cancelled, "the connection is gone");
    }
  }

  void end_write() override {
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_open() const override { return socket_.is_open(); }
  const IpAddress& peer() const override { return peer_; }
  bool secure() const override { return false; }
  std::string_view alpn() const override { return {}; }

 private:
  TcpSocket socket_;
  const IpAddress peer_;
  const std::chrono::milliseconds write_timeout_;
  Deadline stalled_;
};

}  // namespace

void prepare_socket(TcpSocket& socket) {
  error_code ignored;  // the socket may be reset already; the first read tells
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  using UnsentMax = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
  socket.set_option(UnsentMax(kUnsentMax), ignored);
  socket.non_blocking(true, ignored);
}

void reset_socket(TcpSocket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::unique_ptr<Transport> make_tcp_transport(TcpSocket socket, const IpAddress& peer,
                                              std::chrono::milliseconds write_timeout) {
  return std::make_unique<TcpTransport>(std::move(socket), peer, write_timeout);
}

}  // namespace weir::net

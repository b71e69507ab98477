#include "net/client/connection.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/gathered_bytes.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kSentAtOnceMax = 64 * 1024;  // bytes of a request
constexpr auto kToken = asio::as_tuple(asio::use_awaitable_t<Executor>());

}  // namespace

Connection::Connection(const Executor& executor)
    : deadlines_(DeadlineList::of(executor.context())),
      socket_(executor),
      deadline_(deadlines_, [this] { close(); }),
      write_deadline_(deadlines_, [this] { close(); }) {}

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

Task<Result<>> Connection::connect(const Endpoints& addresses, std::chrono::nanoseconds limit) {
  const Monotonic end = deadlines_.now() + limit;
  Result<> outcome = fail(Code::upstream_failed, "the host has no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = end - deadlines_.now();
    if (i > 0 && left <= std::chrono::nanoseconds::zero()) break;
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_.arm(left / static_cast<std::int64_t>(addresses.size() - i));
    const auto& address = addresses[i];
    const auto [ec] = co_await socket_.async_connect(address, kToken);
    deadline_.disarm();
    if (!ec) {
      socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
      socket_.non_blocking(true, ignored);
      co_return Result<>();
    }
    outcome = failure("cannot connect", ec);
    if (outcome.error().code == Code::cancelled) break;
  }
  co_return outcome;
}

Task<Result<>> Connection::start_tls(TlsContext& context, const std::string& host, SslSessionPtr& session,
                                     std::chrono::nanoseconds limit) {
  tls_.emplace(context, host, socket_, session);
  deadline_.arm(limit);
  while (true) {
    const TlsStream::Step step = tls_->handshake();
    if (step.want == TlsStream::Want::nothing) break;
    auto waited = co_await wait(step.want, deadline_);
    if (!waited) {
      session.reset();  // in case it is what the peer dislikes
      co_return fail(std::move(waited.error()));
    }
  }
  deadline_.disarm();
  co_return Result<>();
}

Task<Result<>> Connection::write(std::string_view head, std::string_view body,
                                 std::chrono::nanoseconds limit) {
  write_deadline_.arm(limit);
  if (!tls_) {
    auto sent = co_await write_plain(head, body);
    write_deadline_.disarm();
    co_return sent;
  }
  std::string first(head);
  const std::size_t room = kBulkBufferSize - std::min(kBulkBufferSize, first.size());
  first += body.substr(0, room);
  auto written = co_await write_tls(first);
  if (written && body.size() > room) written = co_await write_tls(body.substr(room));
  write_deadline_.disarm();
  co_return written;
}

// A usual request goes out without Asio's composed operation, which ends by a turn of the loop even where the
// kernel has room. A large one goes by that, in pieces of 64 KiB: handed over whole, it would lie in the
// buffers of both sides before a server has refused it, and nothing more would be sent that the server's
// closed end could answer by a reset.
Task<Result<>> Connection::write_plain(std::string_view head, std::string_view body) {
  if (head.size() + body.size() > kSentAtOnceMax) {
    const std::array pieces{asio::buffer(head), asio::buffer(body)};
    const auto [ec, size] = co_await asio::async_write(socket_, pieces, kToken);
    if (ec) co_return failure("cannot send the request", ec);
    co_return Result<>();
  }
  GatheredBytes bytes(head, body);
  while (true) {
    const GatheredBytes::Sent sent = bytes.send(socket_.native_handle());
    if (sent == GatheredBytes::Sent::all) co_return Result<>();
    if (sent == GatheredBytes::Sent::failed) {
      const boost::system::error_code ec(errno, boost::system::system_category());
      co_return failure("cannot send the request", ec);
    }
    const auto [ec] = co_await socket_.async_wait(TcpSocket::wait_write, kToken);
    if (ec) co_return failure("cannot send the request", ec);
  }
}

Task<Result<>> Connection::write_tls(std::string_view bytes) {
  WEIR_ASSERT(tls_.has_value());
  while (!bytes.empty()) {
    const TlsStream::Step step = tls_->write(bytes);
    if (step.want == TlsStream::Want::nothing) {
      bytes.remove_prefix(step.size);
      continue;
    }
    auto waited = co_await wait(step.want, write_deadline_);
    if (!waited) co_return fail(waited);
  }
  co_return Result<>();
}

Task<Result<std::span<char>>> Connection::read(std::chrono::nanoseconds limit) {
  deadline_.arm(limit);
  return tls_ ? read_tls() : read_plain();
}

Task<Result<std::span<char>>> Connection::read_plain() {
  resize_buffer(next_buffer_size_);
  const auto target = asio::buffer(buffer_.get(), buffer_size_);
  const auto [ec, size] = co_await socket_.async_read_some(target, kToken);
  deadline_.disarm();
  if (ec == asio::error::eof) co_return std::span<char>();
  if (ec) co_return failure("cannot read the answer", ec);
  // A full buffer means that more is waiting; a stream of small events does not need a large one.
  next_buffer_size_ = size == buffer_size_        ? kBulkBufferSize
                      : size < kTrickleBufferSize ? kTrickleBufferSize
                                                  : kWaitingBufferSize;
  co_return std::span<char>(buffer_.get(), size);
}

Task<Result<std::span<char>>> Connection::read_tls() {
  WEIR_ASSERT(tls_.has_value());
  while (true) {
    resize_buffer(kBulkBufferSize);
    const TlsStream::Step step = tls_->read({buffer_.get(), buffer_size_});
    if (step.want == TlsStream::Want::nothing || step.want == TlsStream::Want::end) {
      deadline_.disarm();
      co_return std::span<char>(buffer_.get(), step.size);
    }
    resize_buffer(0);
    auto waited = co_await wait(step.want, deadline_);
    if (!waited) co_return fail(waited);
  }
}

Task<Result<>> Connection::wait(TlsStream::Want want, Deadline& deadline) {
  if (want == TlsStream::Want::failed || want == TlsStream::Want::end) {
    deadline.disarm();
    co_return tls_failure("TLS failed");
  }
  const auto direction = want == TlsStream::Want::read ? TcpSocket::wait_read : TcpSocket::wait_write;
  const auto [ec] = co_await socket_.async_wait(direction, kToken);
  if (ec || deadline.fired()) {
    deadline.disarm();
    co_return failure("TLS failed", ec);
  }
  co_return Result<>();
}

void Connection::watch(std::function<void()> on_arrival) {
  on_arrival_ = std::move(on_arrival);
  wait_for_arrival();
}

// What arrives may be TLS's own, such as a session's ticket; then the waiting goes on.
void Connection::wait_for_arrival() {
  socket_.async_wait(TcpSocket::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& ec) {
                       if (ec || alive.expired() || !on_arrival_) return;
                       if (quiet()) {
                         wait_for_arrival();
                       } else {
                         std::exchange(on_arrival_, nullptr)();
                       }
                     });
}

void Connection::interrupt_write() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

bool Connection::quiet() {
  if (tls_) return tls_->quiet();
  char byte = 0;
  const auto received = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::unexpected<Error> Connection::failure(std::string_view what, const boost::system::error_code& ec) const {
  if (deadline_.fired() || write_deadline_.fired())
    return fail(Code::timed_out, std::string(what) + ": the provider took too long");
  if (ec == asio::error::operation_aborted) return fail(Code::cancelled, "the call was cancelled");
  return fail(Code::upstream_failed, std::string(what) + ": " + ec.message());
}

std::unexpected<Error> Connection::tls_failure(std::string_view what) const {
  WEIR_ASSERT(tls_.has_value());
  const std::string& problem = tls_->problem();
  return fail(Code::upstream_failed,
              std::string(what) + ": " + (problem.empty() ? "the connection was closed" : problem));
}

void Connection::resize_buffer(std::size_t size) {
  if (buffer_size_ == size) return;
  buffer_ = size == 0 ? nullptr : std::make_unique_for_overwrite<char[]>(size);
  buffer_size_ = size;
}

}  // namespace weir::net

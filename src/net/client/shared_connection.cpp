#include "net/client/shared_connection.h"

#include "net/spawn.h"

namespace weir::net {
namespace {

constexpr std::size_t kGatheredMax = 64 * 1024;     // frames that leave in one write
constexpr std::size_t kWriteBufferKept = 4 * 1024;  // capacity that stays between writes
constexpr std::chrono::seconds kWriteLimit{30};     // for a provider that takes no bytes
constexpr std::string_view kNoBody;
// Each call has its own limits; the connection itself may be silent for as long as the pool keeps it.
constexpr std::chrono::hours kReadLimit{24};

}  // namespace

SharedConnection::SharedConnection(std::unique_ptr<Connection> connection, const Executor& executor,
                                   const ClientConfig& config)
    : connection_(std::move(connection)),
      executor_(executor),
      session_(config.h2_stream_window_bytes, config.head_size_max),
      wake_(executor),
      idle_since_(connection_->now()) {}

void SharedConnection::begin(observe::Log& log) {
  spawn(executor_, log, "http2 client reader", [self = shared_from_this()] { return self->read_all(); });
  spawn(executor_, log, "http2 client writer", [self = shared_from_this()] { return self->write_all(); });
}

void SharedConnection::close() {
  if (std::exchange(closed_, true)) return;
  connection_->close();
  session_.abandon();
  wake_.set();
}

bool SharedConnection::usable() const {
  return !closed_ && !session_.failed() && !session_.going_away() &&
         session_.open_streams() < session_.streams_max();
}

bool SharedConnection::idle_longer_than(std::chrono::nanoseconds age) const {
  return session_.open_streams() == 0 && now() - idle_since_ >= age;
}

void SharedConnection::on_call_ended() {
  idle_since_ = now();
  wake_.set();
}

Task<> SharedConnection::read_all() {
  const auto self = shared_from_this();
  while (!closed_) {
    auto bytes = co_await connection_->read(kReadLimit);
    if (!bytes || bytes->empty()) break;
    ++reads_;
    session_.receive({bytes->data(), bytes->size()});
    wake_.set();
  }
  close();
}

Task<> SharedConnection::write_all() {
  const auto self = shared_from_this();
  while (!closed_) {
    session_.gather(out_, kGatheredMax);
    if (out_.empty()) {
      if (session_.ended()) break;
      co_await wake_.wait();
      continue;
    }
    auto written = co_await connection_->write(out_, kNoBody, kWriteLimit);
    if (!written) break;
    out_.clear();
    if (out_.capacity() > kWriteBufferKept) out_.shrink_to_fit();
  }
  close();
}

}  // namespace weir::net

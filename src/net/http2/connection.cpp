#include "net/http2/connection.h"

#include <algorithm>
#include <utility>

namespace weir::net::http2 {
namespace {

constexpr std::size_t kIdleBufferSize = 4 * 1024;  // what a quiet connection holds
constexpr std::size_t kBulkBufferSize = 16 * 1024;
constexpr std::size_t kGatheredMax = 64 * 1024;     // frames that leave in one write
constexpr std::size_t kWriteBufferKept = 4 * 1024;  // capacity that stays between writes
constexpr std::size_t kLingerSizeMax = 128 * 1024;
constexpr std::chrono::milliseconds kLingerTimeout{2'000};
constexpr std::chrono::milliseconds kDrainRoundTrip{1'000};  // for the client to hear of the drain

}  // namespace

Connection::Connection(std::shared_ptr<Transport> transport, const ConnectionContext& context)
    : LiveConnection(context.live),
      transport_(std::move(transport)),
      context_(context),
      wake_(context.loop.get_executor()),
      deadline_(DeadlineList::of(context.loop), [this] { on_overdue(); }),
      drain_deadline_(DeadlineList::of(context.loop), [this] { on_drained(); }),
      date_(context.clock),
      session_(context.config, *this),
      next_buffer_size_(kIdleBufferSize) {}

Task<> Connection::run(std::string already_read) {
  wait_for(Waiting::preface);
  if (context_.gate.draining()) drain();
  if (!already_read.empty()) take(already_read);
  already_read = std::string();
  start_read();
  while (true) {
    sweep();
    if (!gone_) session_.gather(out_, kGatheredMax);
    sweep();
    if (gone_) break;
    if (out_.empty()) {
      if (over()) break;
      co_await wake_.wait();
      continue;
    }
    auto written = co_await transport_->write(out_);
    out_.clear();
    if (out_.capacity() > kWriteBufferKept) out_.shrink_to_fit();
    if (!written) cut();
  }
  for (auto& [id, exchange] : exchanges_) exchange->cut();
  if (!gone_) co_await linger();
  transport_->close();
  gone_ = true;
  const auto any_task = [this] {
    return std::any_of(exchanges_.begin(), exchanges_.end(),
                       [](const auto& e) { return e.second->running(); });
  };
  while (any_task()) co_await wake_.wait();
  deadline_.disarm();
  drain_deadline_.disarm();
}

bool Connection::over() const {
  return session_.ended() || waiting_ == Waiting::end;
}

// What the client has sent and we do not read would reset the connection, and the last answer or the reason
// of the end could be lost on its way.
Task<> Connection::linger() {
  lingering_ = true;
  transport_->end_write();
  waiting_ = Waiting::end;
  timed_out_ = false;
  deadline_.arm(kLingerTimeout);
  while (!gone_ && !timed_out_ && dropped_ < kLingerSizeMax) co_await wake_.wait();
}

void Connection::start_read() {
  if (reading_ || gone_) return;
  reading_ = true;
  if (buffer_size_ != next_buffer_size_) {
    buffer_ = std::make_unique_for_overwrite<char[]>(next_buffer_size_);
    buffer_size_ = next_buffer_size_;
  }
  transport_->start_read({buffer_.get(), buffer_size_}, *this, shared_from_this());
}

void Connection::on_read(Result<std::size_t> outcome) {
  reading_ = false;
  if (!outcome || *outcome == 0) {
    cut();
    return;
  }
  next_buffer_size_ = *outcome == buffer_size_ ? kBulkBufferSize : kIdleBufferSize;
  if (lingering_ || session_.failed()) {
    dropped_ += *outcome;
  } else {
    take({buffer_.get(), *outcome});
  }
  wake_.set();
  start_read();
}

void Connection::take(std::string_view bytes) {
  session_.receive_at(bytes, DeadlineList::of(context_.loop).now());
  begin_requests();
  set_deadline();
}

void Connection::on_request(ServerStream& stream) {
  stream.request.secure = transport_->secure();
  stream.request.peer = transport_->peer();
  Carrier& carrier = *this;
  exchanges_[stream.id] = std::make_unique<Exchange>(stream, carrier, context_);
  requests_.push_back(&stream);
}

// Only now, because a stream that was opened and reset in the same breath needs no task.
void Connection::begin_requests() {
  for (const ServerStream* stream : requests_) {
    if (stream->closed || session_.failed()) continue;
    exchanges_.at(stream->id)->begin(shared_from_this());
  }
  requests_.clear();
}

void Connection::sweep_soon(std::int32_t id) {
  maybe_over_.push_back(id);
  wake_.set();
}

void Connection::sweep() {
  if (maybe_over_.empty()) return;
  for (const std::int32_t id : maybe_over_) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end() || !found->second->over()) continue;
    exchanges_.erase(found);
    if (Stream* const stream = session_.find(id)) session_.forget(*stream);
  }
  maybe_over_.clear();
  set_deadline();
}

void Connection::set_deadline() {
  if (waiting_ == Waiting::end) return;
  if (session_.head_open()) {
    wait_for(Waiting::head);
  } else if (!session_.greeted()) {
    wait_for(Waiting::preface);
  } else if (exchanges_.empty()) {
    wait_for(Waiting::request);
  } else {
    wait_for(Waiting::nothing);
  }
}

void Connection::wait_for(Waiting what) {
  if (what == waiting_) return;
  waiting_ = what;
  switch (what) {
    case Waiting::preface:
    case Waiting::head: deadline_.arm(context_.config.head_timeout); return;
    case Waiting::request: deadline_.arm(context_.config.idle_timeout); return;
    case Waiting::nothing:
    case Waiting::end: deadline_.disarm(); return;
  }
}

void Connection::on_overdue() {
  timed_out_ = true;
  wake_.set();
  switch (waiting_) {
    case Waiting::head:
      count_refused(context_, "head_timeout");
      session_.terminate(NGHTTP2_ENHANCE_YOUR_CALM);
      return;
    case Waiting::request: session_.terminate(NGHTTP2_NO_ERROR); break;
    case Waiting::preface: count_refused(context_, "head_timeout"); break;
    case Waiting::nothing:
    case Waiting::end: return;
  }
  waiting_ = Waiting::end;
}

void Connection::drain() {
  if (std::exchange(draining_, true) || gone_) return;
  session_.announce_goaway();
  drain_deadline_.arm(kDrainRoundTrip);
  wake_.set();
}

void Connection::on_drained() {
  if (!draining_ || std::exchange(goaway_sent_, true)) return;
  drain_deadline_.disarm();
  session_.finish_goaway();
  wake_.set();
}

void Connection::cut() {
  gone_ = true;
  transport_->close();
  for (auto& [id, exchange] : exchanges_) exchange->cut();
  wake_.set();
}

Task<> serve(std::shared_ptr<Transport> transport, std::string already_read,
             const ConnectionContext& context) {
  const auto connection = std::make_shared<Connection>(std::move(transport), context);
  co_await connection->run(std::move(already_read));
}

}  // namespace weir::net::http2

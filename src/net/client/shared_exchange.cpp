#include "net/client/shared_exchange.h"

#include <nghttp2/nghttp2.h>

namespace weir::net {

SharedExchange::SharedExchange(std::shared_ptr<SharedConnection> connection,
                               std::chrono::nanoseconds idle_limit)
    : connection_(std::move(connection)),
      idle_limit_(idle_limit),
      wake_(connection_->executor()),
      deadline_(DeadlineList::of(connection_->executor().context()), [this] {
        timed_out_ = true;
        wake_.set();
      }) {}

SharedExchange::~SharedExchange() {
  if (stream_ == nullptr) return;
  connection_->session().forget(*stream_);
  connection_->on_call_ended();
}

Task<Result<>> SharedExchange::start(const RequestFields& fields, std::string_view body,
                                     std::chrono::nanoseconds first_byte_limit) {
  auto opened = open(fields, !body.empty());
  if (!opened) co_return opened;
  const Monotonic end = connection_->now() + first_byte_limit;
  feed(body);
  connection_->flush_soon();
  // A server may answer before it has read everything, and still want the rest (RFC 9113 §8.1).
  while (!stream_->head_complete || (!body.empty() && !stream_->inbound_ended && !stream_->closed)) {
    if (stream_->closed) co_return lost();
    const auto left = end - connection_->now();
    auto waited = co_await wait(left);
    if (!waited) co_return waited;
    feed(body);
  }
  co_return Result<>();
}

Result<> SharedExchange::open(const RequestFields& fields, bool with_body) {
  stream_ = connection_->session().request(fields, with_body);
  if (stream_ == nullptr) return fail(Code::upstream_failed, "the connection takes no more requests");
  stream_->owner = this;
  reads_before_ = connection_->reads();
  return {};
}

Task<Result<>> SharedExchange::start_upload(const RequestFields& fields, BodyReader& source,
                                            const ClientTimeouts& timeouts) {
  auto opened = open(fields, true);
  if (!opened) co_return opened;
  auto sent = co_await upload(source, timeouts);
  source_ = nullptr;
  if (!sent) co_return fail(sent);
  const Monotonic end = connection_->now() + timeouts.first_byte;
  while (!stream_->head_complete) {
    if (stream_->closed) co_return lost();
    const auto left = end - connection_->now();
    auto waited = co_await wait(left);
    if (!waited) co_return waited;
  }
  co_return Result<>();
}

// Until the end of `source`, or until an answer comes. The next piece is read when the server has taken the
// last but for what the stream may hold back.
Task<Result<>> SharedExchange::upload(BodyReader& source, const ClientTimeouts& timeouts) {
  const Monotonic end = connection_->now() + timeouts.upload;
  source_ = &source;
  while (!answered()) {
    auto piece = co_await source.read();
    if (answered()) break;
    if (!piece) co_return fail(piece);
    if (connection_->now() >= end) co_return fail(Code::request_timeout, "the request body takes too long");
    stream_->outbound += *piece;
    stream_->outbound_ended = piece->empty();
    connection_->session().resume(*stream_);
    connection_->flush_soon();
    if (piece->empty()) break;
    while (!answered() && stream_->outbound_size() >= http2::kOutboundMax) {
      auto waited = co_await wait(timeouts.first_byte);
      if (!waited) co_return waited;
    }
  }
  co_return Result<>();
}

void SharedExchange::on_progress() {
  if (source_ != nullptr && answered()) source_->interrupt();
  wake_.set();
}

void SharedExchange::feed(std::string_view& body) {
  if (stream_->closed || stream_->outbound_ended) return;
  const std::size_t room = http2::kOutboundMax - std::min(http2::kOutboundMax, stream_->outbound_size());
  if (room == 0) return;
  stream_->outbound += body.substr(0, room);
  body.remove_prefix(std::min(room, body.size()));
  stream_->outbound_ended = body.empty();
  connection_->session().resume(*stream_);
  connection_->flush_soon();
}

Task<Result<>> SharedExchange::wait(std::chrono::nanoseconds limit) {
  timed_out_ = false;
  deadline_.arm(limit);
  co_await wake_.wait();
  deadline_.disarm();
  if (timed_out_) co_return fail(Code::timed_out, "cannot read the answer: the provider took too long");
  co_return Result<>();
}

Task<Result<std::string_view>> SharedExchange::read() {
  while (true) {
    if (!stream_->inbound.empty()) {
      piece_.clear();
      std::swap(piece_, stream_->inbound);
      connection_->session().consume(*stream_, piece_.size());
      connection_->flush_soon();
      co_return std::string_view(piece_);
    }
    piece_ = std::string();
    if (failure_) co_return fail(*failure_);
    if (stream_->inbound_ended) co_return std::string_view();
    if (stream_->closed) {
      failure_ = lost().error();
      continue;
    }
    auto waited = co_await wait(idle_limit_);
    if (waited) continue;
    failure_ = waited.error();
    connection_->session().reset(*stream_, NGHTTP2_CANCEL);
    connection_->flush_soon();
  }
}

bool SharedExchange::may_be_sent_again(bool reused) const {
  if (stream_ == nullptr) return true;
  if (!stream_->closed || stream_->head_complete || stream_->status != 0) return false;
  return !stream_->head_sent || stream_->close_code == NGHTTP2_REFUSED_STREAM ||
         (reused && connection_->closed() && connection_->reads() == reads_before_);
}

std::unexpected<Error> SharedExchange::lost() const {
  if (connection_->closed()) {
    return fail(Code::upstream_failed, stream_->head_complete
                                           ? "the provider closed the connection before the end of its answer"
                                           : "the provider closed the connection without an answer");
  }
  return fail(Code::upstream_failed,
              std::string("the provider reset the stream: ") + nghttp2_http2_strerror(stream_->close_code));
}

}  // namespace weir::net

#include "net/http2/exchange.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "net/http1/response_head.h"
#include "net/spawn.h"

namespace weir::net::http2 {
namespace {

// After an answer to a request that has not ended, its body is still taken and dropped for this long, so that
// what is wrong with it can be told and an honest client need not see a reset.
constexpr std::chrono::milliseconds kLingerTimeout{2'000};
constexpr std::chrono::milliseconds kBodyRateGrace{5'000};  // before body_rate_min counts

}  // namespace

// Held by the closure of the task: it goes when the task ends, also when that never began to run.
class Exchange::Running {
 public:
  Running(Exchange& exchange, std::shared_ptr<void> connection)
      : connection_(std::move(connection)), exchange_(exchange) {}
  ~Running() { exchange_.on_task_ended(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  const std::shared_ptr<void> connection_;
  Exchange& exchange_;
};

Exchange::Exchange(ServerStream& stream, Carrier& carrier, const ConnectionContext& context)
    : stream_(stream),
      request_(stream.request),
      carrier_(carrier),
      context_(context),
      wake_(context.loop.get_executor()),
      deadline_(DeadlineList::of(context.loop), [this] {
        timed_out_ = true;
        wake_.set();
        if (running_) return;
        carrier_.session().reset(stream_, NGHTTP2_NO_ERROR);  // of a body that lingers
        carrier_.flush_soon();
      }) {
  stream_.owner = this;
  request_.body = this;
  awaiting_continue_ = stream_.head.expects_continue();
}

Exchange::~Exchange() {
  stream_.owner = nullptr;
}

void Exchange::begin(std::shared_ptr<void> connection) {
  running_ = true;
  auto running = std::make_shared<Running>(*this, std::move(connection));
  spawn(context_.loop.get_executor(), context_.log, "http2 stream", cancel_,
        [this, running] { return run(); });
}

void Exchange::cut() {
  if (!running_ || cancelled_) return;
  cancelled_ = true;
  cancel_.emit(boost::asio::cancellation_type::terminal);
}

void Exchange::on_closed() {
  carrier_.sweep_soon(stream_.id);
  wake_.set();
  // A whole answer ends the stream as well; the handler may still have something to do.
  if (handler_running_ && !reset_ && !stream_.outbound_sent) cut();
  if (!handler_running_ && running_ && !started_) cut();
}

void Exchange::on_task_ended() {
  running_ = false;
  deadline_.disarm();
  carrier_.sweep_soon(stream_.id);
  if (stream_.closed) return;
  if (!stream_.outbound_sent) {
    carrier_.session().reset(stream_, NGHTTP2_CANCEL);
  } else {
    carrier_.session().discard_body(stream_, context_.config.body_drain_max);
    deadline_.arm(kLingerTimeout);
  }
  carrier_.flush_soon();
}

Task<> Exchange::run() {
  if (cancelled_) co_return;
  const RequestPass pass(context_.gate);
  if (stream_.head.refusal()) {
    const Refusal refusal = *stream_.head.refusal();
    co_await refuse(refusal);
  } else {
    co_await answer();
  }
  if (cancelled_ || gone()) co_return;
  // The pass is held until the last byte has left.
  auto sent = co_await wait_until_below(0);
  if (!sent) co_return;
}

Task<> Exchange::answer() {
  std::exception_ptr failure;
  handler_running_ = true;
  try {
    co_await context_.handler(request_, *this);
  } catch (...) {
    failure = std::current_exception();
  }
  handler_running_ = false;
  deadline_.disarm();
  if (cancelled_) co_return;
  if (failure || !started_) log_failed_handler(failure);
  if (!started_) {
    Response response{500, {{"content-type", "application/json"}}, R"({"error":"internal"})"};
    auto sent = co_await send(std::move(response));
    if (!sent) abort();
  } else if (!finished_) {
    abort();
  }
}

Task<> Exchange::refuse(const Refusal& refusal) {
  count_refused(context_, refusal.reason);
  const boost::json::object body{{"error", refusal.message}};
  Response response{refusal.status, {{"content-type", "application/json"}}, boost::json::serialize(body)};
  auto sent = co_await send(std::move(response));
  if (!sent) abort();
}

void Exchange::log_failed_handler(const std::exception_ptr& failure) {
  std::string what = "it returned without an answer";
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "an exception of an unknown type";
  }
  context_.log.error(
      "a handler failed",
      {{"http.request.method", request_.method}, {"url.path", request_.path}, {"error", what}});
}

Task<Result<std::string_view>> Exchange::read() {
  while (true) {
    if (!stream_.inbound.empty()) {
      piece_.clear();
      std::swap(piece_, stream_.inbound);
      carrier_.session().consume(stream_, piece_.size());
      carrier_.flush_soon();
      co_return std::string_view(piece_);
    }
    piece_ = std::string();
    if (body_broken_) co_return fail(Code::cancelled, "the request body has failed before");
    if (stream_.too_large) {
      body_broken_ = true;
      count_refused(context_, "body_size");
      co_return fail(Code::too_large, "the request body is too large");
    }
    if (stream_.inbound_ended) co_return std::string_view();
    if (gone()) co_return fail(Code::cancelled, "the client has gone in the middle of its body");
    interrupted_ = false;
    auto waited = co_await wait_for_body();
    if (interrupted_) co_return fail(Code::cancelled, "the reading was interrupted");
    if (!waited) {
      body_broken_ = true;
      co_return fail(waited);
    }
  }
}

void Exchange::interrupt() {
  interrupted_ = true;
  wake_.set();
}

Task<Result<>> Exchange::wait_for_body() {
  if (std::exchange(awaiting_continue_, false) && !head_put_) {
    carrier_.session().send_continue(stream_);
    carrier_.flush_soon();
  }
  const auto patience = body_patience();
  if (patience.count() <= 0) co_return fail(Code::request_timeout, "the request body arrives too slowly");
  const DeadlineList& clock = DeadlineList::of(context_.loop);
  const Monotonic began = clock.now();
  timed_out_ = false;
  deadline_.arm(patience);
  co_await wake_.wait();
  deadline_.disarm();
  body_waited_ += clock.now() - began;
  if (stream_.inbound.empty() && timed_out_) {
    co_return fail(Code::request_timeout, "the request body arrives too slowly");
  }
  co_return Result<>();
}

// How long the next byte may take: body_idle_timeout, and no longer than keeps the average since the body
// began above body_rate_min. Only the time spent waiting for the client counts.
std::chrono::nanoseconds Exchange::body_patience() const {
  const std::chrono::nanoseconds earned =
      std::chrono::milliseconds(stream_.received * 1'000 / context_.config.body_rate_min);
  const std::chrono::nanoseconds allowed = std::max<std::chrono::nanoseconds>(kBodyRateGrace, earned);
  return std::min<std::chrono::nanoseconds>(context_.config.body_idle_timeout, allowed - body_waited_);
}

// A head that cannot be sent must not count as an answer that has been started.
Result<> Exchange::decide(int status, std::int64_t content_length) {
  if (started_) return fail(Code::internal, "the answer has been started already");
  if (head_.headers.first_invalid()) {
    return fail(Code::internal, "a response field has a character that could split the message");
  }
  head_.status = status;
  content_length_ = body_left_ = content_length;
  body_wanted_ = http1::status_has_body(status) && request_.method != "HEAD";
  started_ = true;
  return {};
}

Result<> Exchange::put_head() {
  if (std::exchange(head_put_, true)) return {};
  if (gone()) return fail(Code::cancelled, "the client has gone");
  const bool with_body = body_wanted_ && !(stream_.outbound_ended && stream_.outbound.empty());
  const bool put = carrier_.session().respond(stream_, head_.status, head_.headers, content_length_,
                                              carrier_.date(), with_body);
  WEIR_ASSERT(put);
  head_ = ResponseHead();
  return {};
}

void Exchange::push() {
  carrier_.session().resume(stream_);
  carrier_.flush_soon();
}

// Waits until no more than `size` bytes are to be sent; 0: until the answer has left as a whole. A client
// that grants no window for write_timeout loses the stream.
Task<Result<>> Exchange::wait_until_below(std::size_t size) {
  std::size_t left = stream_.outbound_size();
  timed_out_ = false;
  deadline_.arm(context_.config.write_timeout);
  while (!gone() && (stream_.outbound_size() > size || (size == 0 && !stream_.outbound_sent))) {
    co_await wake_.wait();
    if (stream_.outbound_size() < left) {
      left = stream_.outbound_size();
      timed_out_ = false;
      deadline_.arm(context_.config.write_timeout);
    } else if (timed_out_) {
      abort();
      co_return fail(Code::timed_out, "the peer takes no bytes");
    }
  }
  deadline_.disarm();
  if (gone() && !stream_.outbound_sent) co_return fail(Code::cancelled, "the client has gone");
  co_return Result<>();
}

Task<Result<>> Exchange::send(Response response) {
  const auto size = static_cast<std::int64_t>(response.body.size());
  head_.headers = std::move(response.headers);
  auto decided = decide(response.status, size);
  if (!decided) co_return decided;
  if (body_wanted_) stream_.outbound = std::move(response.body);
  finished_ = stream_.outbound_ended = true;
  auto put = put_head();
  if (!put) co_return put;
  push();
  co_return co_await wait_until_below(kOutboundMax);
}

Task<Result<>> Exchange::start(ResponseHead head, std::int64_t content_length) {
  if (!started_) head_.headers = std::move(head.headers);
  co_return decide(head.status, content_length);
}

Task<Result<>> Exchange::write(std::string_view bytes) {
  if (!started_ || finished_) co_return fail(Code::internal, "the answer is not open");
  if (content_length_ >= 0 && body_wanted_) {
    if (std::cmp_greater(bytes.size(), body_left_)) {
      abort();
      co_return fail(Code::internal, "the answer is longer than its declared length");
    }
    body_left_ -= static_cast<std::int64_t>(bytes.size());
  }
  if (!body_wanted_) {
    stream_.outbound_ended = true;
    auto put = put_head();
    push();
    co_return put;
  }
  while (true) {
    if (gone()) co_return fail(Code::cancelled, "the client has gone");
    const std::size_t room = kOutboundMax - std::min(kOutboundMax, stream_.outbound_size());
    stream_.outbound += bytes.substr(0, room);
    bytes.remove_prefix(std::min(room, bytes.size()));
    auto put = put_head();
    if (!put) co_return put;
    push();
    if (bytes.empty() && stream_.outbound_size() < kOutboundMax) co_return Result<>();
    auto waited = co_await wait_until_below(kOutboundMax - 1);
    if (!waited) co_return waited;
    if (bytes.empty()) co_return Result<>();
  }
}

Task<Result<>> Exchange::finish() {
  if (!started_ || finished_) co_return fail(Code::internal, "the answer is not open");
  if (body_wanted_ && content_length_ >= 0 && body_left_ > 0) {
    abort();
    co_return fail(Code::internal, "the answer is shorter than its declared length");
  }
  finished_ = true;
  if (gone() && !stream_.outbound_sent) co_return fail(Code::cancelled, "the client has gone");
  stream_.outbound_ended = true;
  auto put = put_head();
  if (!put) co_return put;
  push();
  co_return Result<>();
}

void Exchange::abort() {
  started_ = true;
  if (gone()) return;
  reset_ = true;
  carrier_.session().reset(stream_, NGHTTP2_INTERNAL_ERROR);
  carrier_.flush_soon();
}

}  // namespace weir::net::http2

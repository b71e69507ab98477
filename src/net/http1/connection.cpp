#include "net/http1/connection.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace weir::net::http1 {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 §3.4
constexpr std::size_t kPipelinedMax =
    8 * 1024;  // bytes of later requests that are read while one is answered
constexpr std::chrono::milliseconds kDrainPatience{1'000};  // for a first request that is on its way

}  // namespace

Connection::Connection(std::shared_ptr<Transport> transport, const ConnectionContext& context,
                       boost::asio::cancellation_signal& cancel)
    : LiveConnection(context.live),
      transport_(std::move(transport)),
      context_(context),
      cancel_(cancel),
      wake_(context.loop.get_executor()),
      deadline_(DeadlineList::of(context.loop),
                [this] {
                  timed_out_ = true;
                  wake_.set();
                }),
      parser_(context.config, request_),
      responder_(*transport_, context, request_) {
  request_.secure = transport_->secure();
  request_.peer = transport_->peer();
  request_.body = this;
}

Task<bool> Connection::run() {
  while (true) {
    const Next next = co_await read_head();
    first_request_ = false;
    if (next == Next::http2) co_return true;
    if (next != Next::request) break;
    co_await answer();
    if (cancelled_) break;
    bool keep = responder_.keep_alive();
    if (keep && !parser_.body_done()) keep = co_await skip_body();
    if (keep) continue;
    // Closing with bytes unread would reset the connection, and the client could lose the answer.
    const bool unread = !parser_.body_done() || !buffer_.empty();
    if (unread && transport_->is_open()) co_await linger();
    break;
  }
  deadline_.disarm();
  transport_->close();
  co_return false;
}

bool Connection::is_preface_so_far() const {
  if (!first_request_ || context_.serve_http2 == nullptr || transport_->secure()) return false;
  const std::string_view bytes = buffer_.readable();
  return !bytes.empty() && (bytes.starts_with(kPreface) || kPreface.starts_with(bytes));
}

// A first line without anything of HTTP/1.1 in it: neither a path nor a version. Its sender would not
// understand an answer in HTTP/1.1; a preface that is wrong ends the connection without a word (RFC 9113
// §3.4).
bool Connection::is_broken_preface(const Refusal& refusal) const {
  return first_request_ && context_.serve_http2 != nullptr && refusal.reason == "request_line" &&
         !request_.target.empty() && !request_.target.starts_with('/');
}

Task<Connection::Next> Connection::read_head() {
  parser_.reset();
  request_.method.clear();
  idle_ = true;
  timed_out_ = false;
  if (context_.gate.draining() && buffer_.empty() && !first_request_) co_return Next::closed;
  deadline_.arm(patience_for_first_byte());
  while (true) {
    if (!buffer_.empty() && idle_) {
      idle_ = false;
      deadline_.arm(context_.config.head_timeout);  // from the first byte
    }
    if (is_preface_so_far()) {
      if (buffer_.readable().size() >= kPreface.size()) {
        deadline_.disarm();
        co_return Next::http2;
      }
    } else {
      std::string_view input = buffer_.readable();
      const std::size_t before = input.size();
      const RequestParser::Event event = parser_.next(input);
      buffer_.consume(before - input.size());
      if (event == RequestParser::Event::head) {
        deadline_.disarm();
        co_return Next::request;
      }
      if (event == RequestParser::Event::refused) {
        const Refusal refusal = parser_.refusal();
        if (is_broken_preface(refusal)) {
          count_refused(context_, "h2_preface");
          co_return Next::closed;
        }
        co_await refuse(refusal.status, refusal.reason, refusal.message);
        co_return Next::refused;
      }
    }
    start_read(kIdleBufferSize);
    if (!peer_ended_) co_await wake_.wait();
    if (timed_out_ && !idle_) {
      co_await refuse(408, "head_timeout", "the request head did not arrive in time");
      co_return Next::refused;
    }
    if (timed_out_ || peer_ended_) co_return Next::closed;
  }
}

// A client that has just connected may have sent its first request already: closing at once would reset it.
std::chrono::milliseconds Connection::patience_for_first_byte() const {
  if (!first_request_) return context_.config.idle_timeout;
  if (context_.gate.draining()) return std::min(context_.config.head_timeout, kDrainPatience);
  return context_.config.head_timeout;
}

Task<> Connection::answer() {
  const RequestPass pass(context_.gate);
  body_broken_ = false;
  body_received_ = 0;
  body_waited_ = {};
  awaiting_continue_ = parser_.expects_continue();
  // A body that will not be skipped afterwards costs the connection, unless the handler reads it.
  const bool skippable =
      !awaiting_continue_ && std::cmp_less_equal(parser_.body_left(), context_.config.body_drain_max);
  responder_.begin(parser_.keep_alive() && skippable);
  if (parser_.body_done()) watch_peer();
  std::exception_ptr failure;
  handler_running_ = true;
  try {
    co_await context_.handler(request_, responder_);
  } catch (...) {
    failure = std::current_exception();
  }
  handler_running_ = false;
  deadline_.disarm();
  if (cancelled_) co_return;
  if (failure || !responder_.started()) log_failed_handler(failure);
  if (!responder_.started()) {
    Response response{500, {{"content-type", "application/json"}}, R"({"error":"internal"})"};
    auto sent = co_await responder_.send(std::move(response));
    if (!sent) responder_.set_keep_alive(false);
  } else if (!responder_.finished()) {
    responder_.abort();
  }
  if (body_broken_ || !transport_->is_open()) responder_.set_keep_alive(false);
}

void Connection::log_failed_handler(const std::exception_ptr& failure) {
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

Task<> Connection::refuse(int status, std::string_view reason, std::string_view message) {
  deadline_.disarm();
  count_refused(context_, reason);
  responder_.begin(false);
  const boost::json::object body{{"error", message}};
  Response response{status, {{"content-type", "application/json"}}, boost::json::serialize(body)};
  auto sent = co_await responder_.send(std::move(response));
  if (sent) co_await linger();
}

// Reads what the handler left of the body. False when the connection cannot be kept.
Task<bool> Connection::skip_body() {
  std::size_t skipped = 0;
  while (true) {
    auto piece = co_await read();
    if (!piece) co_return false;
    if (piece->empty()) co_return true;
    skipped += piece->size();
    if (skipped > context_.config.body_drain_max) co_return false;
  }
}

Task<> Connection::linger() {
  transport_->end_write();
  timed_out_ = false;
  deadline_.arm(kLingerTimeout);
  while (!peer_ended_ && !timed_out_) {
    buffer_.consume(buffer_.readable().size());
    start_read(kIdleBufferSize);
    co_await wake_.wait();
  }
  deadline_.disarm();
}

Task<Result<std::string_view>> Connection::read() {
  while (true) {
    if (body_broken_) co_return fail(Code::cancelled, "the request body has failed before");
    std::string_view input = buffer_.readable();
    const std::size_t before = input.size();
    const RequestParser::Event event = parser_.next(input);
    buffer_.consume(before - input.size());
    if (event == RequestParser::Event::body) {
      body_received_ += parser_.piece().size();
      co_return parser_.piece();
    }
    if (event == RequestParser::Event::done) {
      if (!responder_.started()) responder_.set_keep_alive(parser_.keep_alive());
      watch_peer();
      co_return std::string_view();
    }
    if (event == RequestParser::Event::refused) {
      const Refusal& refusal = parser_.refusal();
      count_refused(context_, refusal.reason);
      break_body();
      co_return fail(refusal.status == 413 ? Code::too_large : Code::invalid_request,
                     std::string(refusal.message));
    }
    interrupted_ = false;
    auto filled = co_await fill_body();
    if (!filled) {
      if (!interrupted_) break_body();
      co_return fail(filled);
    }
  }
}

void Connection::interrupt() {
  interrupted_ = true;
  wake_.set();
}

void Connection::break_body() {
  body_broken_ = true;
  responder_.set_keep_alive(false);
}

Task<Result<>> Connection::fill_body() {
  if (awaiting_continue_) {
    awaiting_continue_ = false;
    auto sent = co_await responder_.send_continue();
    if (!sent) co_return sent;
  }
  const auto patience = body_patience();
  if (patience.count() <= 0) co_return fail(Code::request_timeout, "the request body arrives too slowly");
  const DeadlineList& clock = DeadlineList::of(context_.loop);
  const Monotonic began = clock.now();
  timed_out_ = false;
  deadline_.arm(patience);
  const bool small = !parser_.chunked() && std::cmp_less_equal(parser_.body_left(), kIdleBufferSize);
  start_read(small ? kIdleBufferSize : kBodyBufferSize);
  if (!peer_ended_) co_await wake_.wait();
  deadline_.disarm();
  body_waited_ += clock.now() - began;
  if (!buffer_.empty()) co_return Result<>();
  if (interrupted_) co_return fail(Code::cancelled, "the reading was interrupted");
  if (timed_out_) co_return fail(Code::request_timeout, "the request body arrives too slowly");
  if (peer_ended_) co_return fail(Code::cancelled, "the client has gone in the middle of its body");
  co_return Result<>();
}

// How long the next byte may take: body_idle_timeout, and no longer than keeps the average since the
// body began above body_rate_min. Only the time spent waiting for the client counts.
std::chrono::nanoseconds Connection::body_patience() const {
  const std::chrono::nanoseconds earned =
      std::chrono::milliseconds(body_received_ * 1'000 / context_.config.body_rate_min);
  const std::chrono::nanoseconds allowed = std::max<std::chrono::nanoseconds>(kBodyRateGrace, earned);
  return std::min<std::chrono::nanoseconds>(context_.config.body_idle_timeout, allowed - body_waited_);
}

// While nothing else is to be read, the read of the next request tells when the client goes away: also behind
// some bytes of that request, or a stray line end, which have come already.
void Connection::watch_peer() {
  if (buffer_.readable().size() < kPipelinedMax) start_read(kIdleBufferSize);
}

void Connection::start_read(std::size_t size) {
  if (reading_ || peer_ended_) return;
  reading_ = true;
  const std::span<char> room = buffer_.prepare(size);
  transport_->start_read(room, *this, shared_from_this());
}

void Connection::on_read(Result<std::size_t> outcome) {
  reading_ = false;
  if (outcome && *outcome > 0) {
    buffer_.commit(*outcome);
    if (handler_running_ && parser_.body_done()) watch_peer();
  } else {
    peer_ended_ = true;
    if (handler_running_ && parser_.body_done()) cut();
  }
  wake_.set_and_run();
}

void Connection::drain() {
  if (!idle_ || !buffer_.empty()) return;
  if (first_request_) {
    deadline_.arm(patience_for_first_byte());
  } else {
    transport_->close();
  }
}

void Connection::cut() {
  cancelled_ = true;
  transport_->close();
  cancel_.emit(boost::asio::cancellation_type::terminal);
}

}  // namespace weir::net::http1

#include "net/http1/responder.h"

#include <array>
#include <charconv>

namespace weir::net::http1 {

Responder::Responder(Transport& transport, const ConnectionContext& context, const Request& request)
    : transport_(transport), context_(context), request_(request), date_(context.clock) {}

void Responder::begin(bool keep_alive) {
  out_.clear();
  framing_ = BodyFraming::none;
  body_left_ = 0;
  keep_alive_ = keep_alive;
  body_wanted_ = true;
  started_ = finished_ = false;
}

Result<> Responder::put_head(int status, const Headers& headers, std::int64_t content_length) {
  if (started_) return fail(Code::internal, "the answer has been started already");
  if (context_.gate.draining()) keep_alive_ = false;
  const bool has_body = status_has_body(status);
  const bool http10 = request_.version == HttpVersion::http10;
  framing_ = !has_body             ? BodyFraming::none
             : content_length >= 0 ? BodyFraming::length
             : http10              ? BodyFraming::close
                                   : BodyFraming::chunked;
  if (framing_ == BodyFraming::close) keep_alive_ = false;
  body_left_ = content_length;
  const ResponseFraming framing{framing_, content_length, keep_alive_, request_.version};
  if (!append_response_head(out_, status, headers, framing, date_.now())) {
    return fail(Code::internal, "a response field has a character that could split the message");
  }
  body_wanted_ = has_body && request_.method != "HEAD";
  started_ = true;
  return {};
}

Task<Result<>> Responder::flush(std::string_view body, std::string_view tail) {
  if (body.size() + tail.size() <= kCopiedMax) {
    out_ += body;
    out_ += tail;
    body = tail = {};
  }
  auto written = co_await transport_.write(out_, body, tail);
  out_.clear();
  const bool in_stream = framing_ == BodyFraming::chunked && !finished_;
  if (out_.capacity() > (in_stream ? kStreamBufferKept : kWriteBufferKept)) out_.shrink_to_fit();
  if (!written) transport_.close();
  co_return written;
}

Task<Result<>> Responder::refuse(std::string_view why) {
  co_return fail(Code::internal, std::string(why));
}

Task<Result<>> Responder::send(Response response) {
  auto head = put_head(response.status, response.headers, static_cast<std::int64_t>(response.body.size()));
  if (!head) co_return head;
  finished_ = true;
  const std::string_view body = body_wanted_ ? std::string_view(response.body) : std::string_view();
  co_return co_await flush(body, std::string_view());
}

Task<Result<>> Responder::start(ResponseHead head, std::int64_t content_length) {
  co_return put_head(head.status, head.headers, content_length);
}

// Not a coroutine: flush() is the only frame of a piece that is written.
Task<Result<>> Responder::write(std::string_view bytes) {
  if (!started_ || finished_) return refuse("the answer is not open");
  if (framing_ == BodyFraming::length) {
    if (std::cmp_greater(bytes.size(), body_left_)) {
      abort();
      return refuse("the answer is longer than its declared length");
    }
    body_left_ -= static_cast<std::int64_t>(bytes.size());
  }
  if (!body_wanted_) bytes = {};
  std::string_view tail;
  if (framing_ == BodyFraming::chunked && !bytes.empty()) {
    std::array<char, 20> size;
    const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    out_.append(size.data(), end);
    out_ += "\r\n";
    tail = "\r\n";
  }
  return flush(bytes, tail);
}

Task<Result<>> Responder::finish() {
  if (!started_ || finished_) co_return fail(Code::internal, "the answer is not open");
  if (body_wanted_ && framing_ == BodyFraming::length && body_left_ > 0) {
    abort();
    co_return fail(Code::internal, "the answer is shorter than its declared length");
  }
  if (framing_ == BodyFraming::chunked && body_wanted_) out_ += "0\r\n\r\n";
  finished_ = true;
  if (out_.empty()) co_return Result<>();
  co_return co_await flush(std::string_view(), std::string_view());
}

void Responder::abort() {
  started_ = true;
  keep_alive_ = false;
  transport_.close();
}

Task<Result<>> Responder::send_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await transport_.write(kContinue);
}

}  // namespace weir::net::http1

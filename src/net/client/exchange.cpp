#include "net/client/exchange.h"

#include <array>
#include <charconv>

namespace weir::net {
namespace {

// How long an answer may take that explains why the provider stopped reading the request.
constexpr std::chrono::seconds kRefusalLimit{1};

// RFC 9112 §7.1. Size 0 is the last chunk, without trailers: an empty line follows.
void append_chunk_head(std::string& out, std::size_t size) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  out.append(digits.data(), end);
  out += "\r\n";
}

}  // namespace

Exchange::Exchange(std::unique_ptr<Connection> connection, OriginPool& pool, const ClientConfig& config,
                   std::chrono::nanoseconds idle_limit, bool answers_head)
    : connection_(std::move(connection)),
      pool_(pool),
      parser_(config.head_size_max, answers_head),
      idle_count_max_(config.idle_per_origin_max),
      idle_connection_max_(config.idle_connection_max),
      idle_limit_(idle_limit) {}

Task<Result<>> Exchange::start(std::string_view head, std::string_view body,
                               std::chrono::nanoseconds first_byte_limit) {
  const Monotonic end = connection_->now() + first_byte_limit;
  auto sent = co_await connection_->write(head, body, first_byte_limit);
  if (sent) {
    request_sent_ = true;
    co_return co_await read_head(end - connection_->now());
  }
  if (sent.error().code != Code::upstream_failed) co_return fail(sent);
  // A provider may refuse a request before it has read all of it (RFC 9112 §9.5): 413, 401.
  auto refused = co_await read_head(kRefusalLimit);
  if (!refused) co_return fail(sent);
  co_return Result<>();
}

Task<Result<>> Exchange::start_upload(std::string head, BodyReader& source, std::int64_t size,
                                      const ClientTimeouts& timeouts) {
  auto sent = co_await upload(std::move(head), source, size, timeouts);
  connection_->stop_watching();
  if (sent) co_return co_await read_head(timeouts.first_byte);
  if (!answered_early_ && sent.error().code != Code::upstream_failed) co_return fail(sent);
  auto refused = co_await read_head(kRefusalLimit);
  if (!refused) co_return fail(sent);
  co_return Result<>();
}

// Sends what `source` gives until its end, or until an answer comes (RFC 9112 §9.5). Piece by piece: the next
// one is read when the server has taken the last.
Task<Result<>> Exchange::upload(std::string head, BodyReader& source, std::int64_t size,
                                const ClientTimeouts& timeouts) {
  const Monotonic end = connection_->now() + timeouts.upload;
  const bool chunked = size < 0;
  connection_->watch([this, &source] {
    answered_early_ = true;
    source.interrupt();
    connection_->interrupt_write();
  });
  while (!answered_early_) {
    auto piece = co_await source.read();
    if (answered_early_) break;
    if (!piece) co_return fail(piece);
    if (connection_->now() >= end) co_return fail(Code::request_timeout, "the request body takes too long");
    const bool last = piece->empty();
    if (chunked) append_chunk_head(head, piece->size());
    if (last && chunked) head += "\r\n";
    auto written = co_await connection_->write(head, *piece, timeouts.first_byte);
    if (!written) co_return fail(written);
    request_sent_ = last;
    if (last) break;
    size -= static_cast<std::int64_t>(piece->size());
    if (!chunked && size < 0) co_return fail(Code::internal, "the body is longer than its declared length");
    head.assign(chunked ? "\r\n" : "");
  }
  if (!answered_early_ && size > 0) {
    co_return fail(Code::internal, "the body is shorter than its declared length");
  }
  co_return Result<>();
}

Task<Result<>> Exchange::read_head(std::chrono::nanoseconds limit) {
  const Monotonic end = connection_->now() + limit;
  while (!parser_.head_complete()) {
    const auto left = end - connection_->now();
    auto bytes = co_await connection_->read(left);
    if (!bytes) co_return fail(bytes);
    auto taken = take(*bytes);
    if (!taken) co_return taken;
  }
  co_return Result<>();
}

Result<> Exchange::take(std::span<char> bytes) {
  answer_begun_ = answer_begun_ || !bytes.empty();
  auto parsed = bytes.empty() ? parser_.end_of_stream() : parser_.feed(bytes);
  if (parsed) pending_ = parser_.body();
  return parsed;
}

Task<Result<std::string_view>> Exchange::read() {
  while (true) {
    if (!pending_.empty()) co_return std::exchange(pending_, {});
    if (failure_) co_return fail(*failure_);
    if (parser_.complete()) {
      end();
      co_return std::string_view();
    }
    auto bytes = co_await connection_->read(idle_limit_);
    const Result<> taken = bytes ? take(*bytes) : fail(bytes);
    if (!taken) {
      connection_.reset();
      failure_ = taken.error();
    }
  }
}

void Exchange::end() {
  if (connection_ == nullptr) return;
  if (request_sent_ && parser_.reusable() && idle_count_max_ > 0) {
    pool_.put(std::move(connection_), idle_count_max_);
  }
  connection_.reset();
}

}  // namespace weir::net

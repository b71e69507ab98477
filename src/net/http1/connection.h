// net/http1/connection.h: one connection of HTTP/1.1: requests in order, one handler at a time.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>

#include "net/connection_context.h"
#include "net/deadline.h"
#include "net/http1/parser.h"
#include "net/http1/read_buffer.h"
#include "net/http1/responder.h"
#include "net/wake.h"

namespace weir::net::http1 {

// After an answer to a request that was not read to its end the connection still takes and drops
// bytes for this long, so that a reset does not overtake the answer (RFC 9112 §9.6).
constexpr std::chrono::milliseconds kLingerTimeout{2'000};
constexpr std::chrono::milliseconds kBodyRateGrace{5'000};  // before body_rate_min counts

// Owned by its task and by the read under way (which may end after the task): hence shared.
class Connection final : public std::enable_shared_from_this<Connection>,
                         public LiveConnection,
                         private ReadSink,
                         private BodyReader {
 public:
  // `cancel` ends the task that calls run(): emitted when the client goes away under a handler.
  Connection(std::shared_ptr<Transport> transport, const ConnectionContext& context,
             boost::asio::cancellation_signal& cancel);

  // Serves requests until the connection ends. True when the client speaks HTTP/2 with prior knowledge
  // (RFC 9113 §3.3): take_bytes() then are the beginning of its preface.
  Task<bool> run();
  std::string take_bytes() { return std::string(buffer_.readable()); }

  void drain() override;
  void cut() override;

 private:
  enum class Next : std::uint8_t { request, http2, refused, closed };

  Task<Next> read_head();
  Task<> answer();
  Task<> refuse(int status, std::string_view reason, std::string_view message);
  Task<bool> skip_body();
  Task<> linger();
  bool is_preface_so_far() const;
  bool is_broken_preface(const Refusal& refusal) const;
  std::chrono::milliseconds patience_for_first_byte() const;
  void log_failed_handler(const std::exception_ptr& failure);

  // Reading: at most one read is under way, also while a handler runs.
  void start_read(std::size_t size);
  void watch_peer();
  void on_read(Result<std::size_t> outcome) override;

  // The body of the request.
  Task<Result<std::string_view>> read() override;
  void interrupt() override;
  Task<Result<>> fill_body();
  std::chrono::nanoseconds body_patience() const;
  void break_body();

  const std::shared_ptr<Transport> transport_;
  const ConnectionContext& context_;
  boost::asio::cancellation_signal& cancel_;
  Wake wake_;
  Deadline deadline_;
  ReadBuffer buffer_;
  Request request_;
  RequestParser parser_;
  Responder responder_;
  bool reading_ = false;
  bool peer_ended_ = false;
  bool timed_out_ = false;
  bool idle_ = true;  // between requests
  bool first_request_ = true;
  bool handler_running_ = false;
  bool cancelled_ = false;  // nothing may be awaited any more
  bool body_broken_ = false;
  bool interrupted_ = false;  // a read of the body is to end without a result
  bool awaiting_continue_ = false;
  std::uint64_t body_received_ = 0;
  std::chrono::nanoseconds body_waited_{0};
};

}  // namespace weir::net::http1

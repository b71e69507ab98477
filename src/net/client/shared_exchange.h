// net/client/shared_exchange.h: one request and its answer on a connection of HTTP/2.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/client.h"
#include "net/client/request_head.h"
#include "net/client/shared_connection.h"

namespace weir::net {

// Destroying it before the end resets the stream (CANCEL) in this turn of the loop; the connection stays.
class SharedExchange final : public ClientResponse, private http2::StreamOwner {
 public:
  SharedExchange(std::shared_ptr<SharedConnection> connection, std::chrono::nanoseconds idle_limit);
  ~SharedExchange() override;
  SharedExchange(const SharedExchange&) = delete;
  SharedExchange& operator=(const SharedExchange&) = delete;

  // Sends the request and waits for the head of the answer.
  Task<Result<>> start(const RequestFields& fields, std::string_view body,
                       std::chrono::nanoseconds first_byte_limit);
  // The same with a body that arrives from `source`.
  Task<Result<>> start_upload(const RequestFields& fields, BodyReader& source,
                              const ClientTimeouts& timeouts);
  // After a failure: the server has said that it did not process the request; or, with `reused`, the
  // connection was dead already when the request went out, since nothing has come on it afterwards.
  bool may_be_sent_again(bool reused) const;

  int status() const override { return stream_->status; }
  const Headers& headers() const override { return stream_->headers; }
  std::chrono::nanoseconds connect_time() const override { return connect_time_; }
  void opened_in(std::chrono::nanoseconds time) { connect_time_ = time; }
  void limit_idle(std::chrono::nanoseconds limit) override { idle_limit_ = limit; }
  Task<Result<std::string_view>> read() override;

 private:
  Result<> open(const RequestFields& fields, bool with_body);
  void feed(std::string_view& body);
  Task<Result<>> upload(BodyReader& source, const ClientTimeouts& timeouts);
  bool answered() const { return stream_->head_complete || stream_->closed; }
  Task<Result<>> wait(std::chrono::nanoseconds limit);
  std::unexpected<Error> lost() const;
  void on_progress() override;
  void on_closed() override { on_progress(); }

  const std::shared_ptr<SharedConnection> connection_;
  std::chrono::nanoseconds idle_limit_;
  std::chrono::nanoseconds connect_time_{};
  http2::ClientStream* stream_ = nullptr;  // the session's, until this is destroyed
  BodyReader* source_ = nullptr;           // while it is being sent
  Wake wake_;
  Deadline deadline_;
  std::string piece_;  // of the body, with the reader
  std::optional<Error> failure_;
  std::uint64_t reads_before_ = 0;
  bool timed_out_ = false;
};

}  // namespace weir::net

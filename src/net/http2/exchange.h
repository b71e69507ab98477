// net/http2/exchange.h: one request and its answer on a stream of HTTP/2, and the task of its handler.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection_context.h"
#include "net/deadline.h"
#include "net/http2/server_session.h"
#include "net/wake.h"

namespace weir::net::http2 {

// What an exchange needs from its connection.
class Carrier {
 public:
  virtual ServerSession& session() = 0;
  virtual std::string_view date() = 0;
  virtual void flush_soon() = 0;                 // frames are waiting: the writer gathers and writes them
  virtual void sweep_soon(std::int32_t id) = 0;  // that exchange may be over

 protected:
  ~Carrier() = default;
};

// Lives until its task has ended and its stream is closed.
class Exchange final : public net::Responder, private BodyReader, private StreamOwner {
 public:
  Exchange(ServerStream& stream, Carrier& carrier, const ConnectionContext& context);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Starts the handler's task. `connection` keeps everything here alive until it has ended.
  void begin(std::shared_ptr<void> connection);
  void cut();  // cancels the handler
  bool over() const { return !running_ && stream_.closed; }
  bool running() const { return running_; }
  std::int32_t id() const { return stream_.id; }

  Task<Result<>> send(Response response) override;
  Task<Result<>> start(ResponseHead head, std::int64_t content_length) override;
  Task<Result<>> write(std::string_view bytes) override;
  Task<Result<>> finish() override;
  void abort() override;
  bool started() const override { return started_; }

 private:
  class Running;

  Task<> run();
  Task<> answer();
  Task<> refuse(const Refusal& refusal);
  void on_task_ended();
  void log_failed_handler(const std::exception_ptr& failure);
  void on_progress() override { wake_.set(); }
  void on_closed() override;

  // The body of the request.
  Task<Result<std::string_view>> read() override;
  void interrupt() override;
  Task<Result<>> wait_for_body();
  std::chrono::nanoseconds body_patience() const;

  // The answer.
  Result<> decide(int status, std::int64_t content_length);
  Result<> put_head();
  Task<Result<>> wait_until_below(std::size_t size);
  void push();
  bool gone() const { return reset_ || stream_.closed; }

  ServerStream& stream_;
  Request& request_;
  Carrier& carrier_;
  const ConnectionContext& context_;
  boost::asio::cancellation_signal cancel_;
  Wake wake_;
  Deadline deadline_;
  ResponseHead head_;  // of the answer, until it is put
  std::int64_t content_length_ = -1;
  std::int64_t body_left_ = 0;  // of a declared length
  std::string piece_;           // of the request's body, with the handler
  std::chrono::nanoseconds body_waited_{0};
  bool running_ = false;
  bool handler_running_ = false;
  bool cancelled_ = false;  // nothing may be awaited any more
  bool timed_out_ = false;
  bool reset_ = false;  // by us
  bool awaiting_continue_ = false;
  bool body_broken_ = false;
  bool interrupted_ = false;  // a read of the body is to end without a result
  bool body_wanted_ = true;   // false: HEAD, or a status without content
  bool started_ = false;
  bool head_put_ = false;
  bool finished_ = false;
};

}  // namespace weir::net::http2

// net/client/exchange.h: one request and its answer on one connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/client.h"
#include "net/client/pool.h"
#include "net/client/response_parser.h"

namespace weir::net {

class Exchange final : public ClientResponse {
 public:
  Exchange(std::unique_ptr<Connection> connection, OriginPool& pool, const ClientConfig& config,
           std::chrono::nanoseconds idle_limit, bool answers_head);

  // Sends the request and reads the head of the answer. On failure answer_begun() tells whether
  // anything had arrived.
  Task<Result<>> start(std::string_view head, std::string_view body,
                       std::chrono::nanoseconds first_byte_limit);
  // The same with a body that arrives from request.source.
  Task<Result<>> start_upload(std::string head, BodyReader& source, std::int64_t size,
                              const ClientTimeouts& timeouts);
  bool answer_begun() const { return answer_begun_; }

  int status() const override { return parser_.status(); }
  const Headers& headers() const override { return parser_.headers(); }
  std::chrono::nanoseconds connect_time() const override { return connect_time_; }
  void opened_in(std::chrono::nanoseconds time) { connect_time_ = time; }
  Headers take_headers() override { return parser_.take_headers(); }
  void limit_idle(std::chrono::nanoseconds limit) override { idle_limit_ = limit; }
  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<>> upload(std::string head, BodyReader& source, std::int64_t size,
                        const ClientTimeouts& timeouts);
  Task<Result<>> read_head(std::chrono::nanoseconds limit);
  Result<> take(std::span<char> bytes);  // what has arrived; empty: the end
  void end();

  std::unique_ptr<Connection> connection_;  // null after the end, and after a failure
  OriginPool& pool_;
  ResponseParser parser_;
  const std::size_t idle_count_max_;
  const std::chrono::nanoseconds idle_connection_max_;
  std::chrono::nanoseconds idle_limit_;
  std::chrono::nanoseconds connect_time_{};
  std::string_view pending_;  // body bytes of the last piece, not yet handed out
  std::optional<Error> failure_;
  bool answer_begun_ = false;
  bool request_sent_ = false;
  bool answered_early_ = false;  // something has come while the request was being sent
};

}  // namespace weir::net

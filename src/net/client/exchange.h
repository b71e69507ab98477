// net/client/exchange.h: one request and its answer on one connection.
#pragma once

#include <memory>
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
  bool answer_begun() const { return answer_begun_; }

  int status() const override { return parser_.status(); }
  const Headers& headers() const override { return parser_.headers(); }
  void limit_idle(std::chrono::nanoseconds limit) override { idle_limit_ = limit; }
  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<>> read_head(std::chrono::nanoseconds limit);
  Task<Result<>> read_more(std::chrono::nanoseconds limit);
  void end();

  std::unique_ptr<Connection> connection_;  // null after the end, and after a failure
  OriginPool& pool_;
  ResponseParser parser_;
  const std::size_t idle_count_max_;
  const std::chrono::nanoseconds idle_connection_max_;
  std::chrono::nanoseconds idle_limit_;
  std::string_view pending_;  // body bytes of the last piece, not yet handed out
  std::optional<Error> failure_;
  bool answer_begun_ = false;
  bool request_sent_ = false;
};

}  // namespace weir::net

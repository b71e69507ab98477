// net/http1/responder.h: writes one answer at a time to a connection of HTTP/1.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/connection_context.h"
#include "net/http.h"
#include "net/http1/response_head.h"

namespace weir::net::http1 {

constexpr std::size_t kWriteBufferKept = 4 * 1024;  // capacity that stays between answers
constexpr std::size_t kStreamBufferKept = 512;      // and between the pieces of a streamed one
constexpr std::size_t kCopiedMax = 2 * 1024;        // pieces up to this size are copied behind the head

class Responder final : public net::Responder {
 public:
  Responder(Transport& transport, const ConnectionContext& context, const Request& request);

  // Before each request. keep_alive: whether the connection may stay open after the answer.
  void begin(bool keep_alive);
  void set_keep_alive(bool keep_alive) { keep_alive_ = keep_alive; }
  bool keep_alive() const { return keep_alive_; }
  bool finished() const { return finished_; }

  Task<Result<>> send(Response response) override;
  Task<Result<>> start(ResponseHead head, std::int64_t content_length) override;
  Task<Result<>> write(std::string_view bytes) override;
  Task<Result<>> finish() override;
  void abort() override;
  bool started() const override { return started_; }

  Task<Result<>> send_continue();  // the interim 100 (RFC 9110 §15.2.1)

 private:
  Result<> put_head(int status, const Headers& headers, std::int64_t content_length);
  static Task<Result<>> refuse(std::string_view why);
  Task<Result<>> flush(std::string_view body, std::string_view tail);

  Transport& transport_;
  const ConnectionContext& context_;
  const Request& request_;
  DateCache date_;
  std::string out_;  // bytes that leave with the next write
  BodyFraming framing_ = BodyFraming::none;
  std::int64_t body_left_ = 0;  // of a declared length
  bool keep_alive_ = true;
  bool body_wanted_ = true;  // false: HEAD, or a status without content
  bool started_ = false;
  bool finished_ = false;
};

}  // namespace weir::net::http1

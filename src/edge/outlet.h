// edge/outlet.h: the way out of the edge. Every answer passes here: the fields that each must carry
// are added, complete answers are compressed, and what has left is counted for the log.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "net/http.h"

namespace weir::edge {

struct Exchange;

// The Content-Security-Policy of answers that no browser should ever render.
constexpr std::string_view kApiContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";

enum class AnswerEnd : std::uint8_t { whole, cut };

// Hears an answer as its handler gives it, before it is compressed.
class AnswerListener {
 public:
  virtual ~AnswerListener() = default;
  virtual void on_head(int status, const net::Headers& headers) = 0;
  virtual void on_body(std::string_view bytes) = 0;
  virtual void on_end(AnswerEnd end) = 0;
};

// Not a coroutine anywhere: it hands on the inner task, so that it costs no frame per write.
class Outlet final : public net::Responder {
 public:
  // accept_encoding must stay valid until the answer has been sent.
  Outlet(net::Responder& inner, std::string_view accept_encoding, bool hsts)
      : inner_(inner), accept_encoding_(accept_encoding), hsts_(hsts) {}

  Task<Result<>> send(net::Response response) override;
  Task<Result<>> start(net::ResponseHead head, std::int64_t content_length) override;
  Task<Result<>> write(std::string_view bytes) override;
  Task<Result<>> finish() override {
    finished_ = true;
    if (listener_ != nullptr) listener_->on_end(AnswerEnd::whole);
    return inner_.finish();
  }
  void abort() override {
    if (listener_ != nullptr) listener_->on_end(AnswerEnd::cut);
    inner_.abort();
  }
  bool started() const override { return inner_.started(); }

  // Fields that the policies want on the answer, whatever it will be; they win over the handler's.
  net::Headers& extra() { return extra_; }

  // From then on; null, as at first: nobody. The listener outlives the answer, or is taken away again.
  void listen(AnswerListener* listener) { listener_ = listener; }

  // From then on every head tells of this request. Null, as at first: of none.
  void explain(const Exchange* exchange) { exchange_ = exchange; }
  Monotonic head_at() const { return head_at_; }  // when the head was decided; 0: not, or nobody measures
  std::chrono::nanoseconds overhead() const { return overhead_; }  // Weir's own time until then

  int status() const { return status_; }          // 0: none decided
  bool finished() const { return finished_; }     // the answer was handed over to its end
  std::uint64_t bytes() const { return bytes_; }  // of the body, as handed to the transport

 private:
  void complete(int status, net::Headers& headers);

  net::Responder& inner_;
  std::string_view accept_encoding_;
  bool hsts_;
  net::Headers extra_;
  const Exchange* exchange_ = nullptr;
  AnswerListener* listener_ = nullptr;
  Monotonic head_at_{};
  std::chrono::nanoseconds overhead_{};
  bool finished_ = false;
  int status_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::edge

// ops/upstream/paced_responder.h: a responder that can be made to send one byte at a time.
#pragma once

#include <chrono>
#include <utility>

#include "net/http.h"
#include "net/sleep.h"

namespace weir::ops::upstream {

class PacedResponder final : public net::Responder {
 public:
  explicit PacedResponder(net::Responder& out) : out_(out) {}

  // After each byte of a body, from now on; 0: bodies go as they come.
  void pause_after_bytes(std::chrono::milliseconds pause) { pause_ = pause; }

  Task<Result<>> send(net::Response response) override {
    if (pause_.count() == 0) co_return co_await out_.send(std::move(response));
    net::ResponseHead head{.status = response.status, .headers = std::move(response.headers)};
    const auto length = static_cast<std::int64_t>(response.body.size());
    auto done = co_await out_.start(std::move(head), length);
    if (done) done = co_await write(response.body);
    if (done) done = co_await out_.finish();
    co_return done;
  }
  Task<Result<>> start(net::ResponseHead head, std::int64_t length) override {
    co_return co_await out_.start(std::move(head), length);
  }
  Task<Result<>> write(std::string_view bytes) override {
    if (pause_.count() == 0) co_return co_await out_.write(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      auto written = co_await out_.write(bytes.substr(i, 1));
      if (!written) co_return written;
      co_await net::sleep_for(pause_);
    }
    co_return Result<>();
  }
  Task<Result<>> finish() override { co_return co_await out_.finish(); }
  void abort() override { out_.abort(); }
  bool started() const override { return out_.started(); }

 private:
  net::Responder& out_;
  std::chrono::milliseconds pause_{0};
};

}  // namespace weir::ops::upstream

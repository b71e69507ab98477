// tests/support/model_fakes.h: a provider that answers as scripted, and a sink that keeps the rows.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/gateway.h"
#include "model/usage_sink.h"
#include "net/http_client.h"
#include "net/sleep.h"

namespace weir::model::fakes {

// One scripted answer: either an error, or a head and pieces followed by the end, a break, or silence.
struct Answer {
  enum class End { whole, broken, silent };
  int status = 200;
  net::Headers headers;
  std::vector<std::string> pieces;
  End end = End::whole;
  std::optional<Error> error;  // instead of a head
  bool silent_head = false;    // the head never comes
  std::function<void()> before_piece;
};

constexpr auto kForever = std::chrono::hours(1);

class Response final : public net::ClientResponse {
 public:
  Response(Answer answer, int& open, std::vector<std::chrono::nanoseconds>& idle_limits)
      : answer_(std::move(answer)), open_(open), idle_limits_(idle_limits) {
    ++open_;
  }
  ~Response() override { --open_; }
  int status() const override { return answer_.status; }
  const net::Headers& headers() const override { return answer_.headers; }
  void limit_idle(std::chrono::nanoseconds limit) override { idle_limits_.push_back(limit); }
  Task<Result<std::string_view>> read() override {
    if (answer_.before_piece) answer_.before_piece();
    if (at_ < answer_.pieces.size()) co_return answer_.pieces[at_++];
    if (answer_.end == Answer::End::silent) co_await net::sleep_for(kForever);
    if (answer_.end == Answer::End::broken) co_return fail(Code::upstream_failed, "connection reset");
    co_return std::string_view();
  }

 private:
  Answer answer_;
  int& open_;
  std::vector<std::chrono::nanoseconds>& idle_limits_;
  std::size_t at_ = 0;
};

class HttpClient final : public net::HttpClient {
 public:
  std::deque<Answer> answers;
  std::function<Answer(const net::Origin&)> answer_of;  // instead of the queue, when it is there
  std::vector<std::string> asked;                       // hosts, in order
  std::vector<std::string> sent;                        // "POST /v1/messages\nname: value\n…\nbody"
  std::vector<net::ClientTimeouts> timeouts;
  std::vector<std::chrono::nanoseconds> idle_limits;  // set on responses, in order
  int open = 0;                                       // responses that live

  Task<Result<std::unique_ptr<net::ClientResponse>>> send(const net::Origin& origin,
                                                          net::ClientRequest request,
                                                          net::ClientTimeouts limits) override {
    std::string text = request.method + " " + request.target + "\n";
    for (const net::Field field : request.headers)
      text += std::string(field.name) + ": " + std::string(field.value) + "\n";
    sent.push_back(text + "\n" + std::string(request.body));
    timeouts.push_back(limits);
    asked.push_back(origin.host);
    Answer answer = answer_of ? answer_of(origin) : std::move(answers.front());
    if (!answer_of) answers.pop_front();
    if (answer.silent_head) co_await net::sleep_for(kForever);
    if (answer.error) co_return fail(*std::move(answer.error));
    co_return std::make_unique<Response>(std::move(answer), open, idle_limits);
  }
};

class Sink final : public UsageSink {
 public:
  std::vector<data::LedgerRow> rows;
  void record(data::LedgerRow row) override { rows.push_back(std::move(row)); }
};

// Somewhere for logs to go.
class NullFile {
 public:
  NullFile() : fd_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {}
  ~NullFile() { ::close(fd_); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Runs a coroutine to its end; what it throws is thrown.
template <class T>
T run(boost::asio::io_context& context, Task<T> task) {
  std::optional<T> out;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context.get_executor(), std::move(task), [&](std::exception_ptr e, T value) {
    thrown = e;
    if (!e) out = std::move(value);
  });
  context.restart();
  // Not until the loop has nothing left to do: a read that nobody waits for any more may be under way.
  while (!out && !thrown && context.run_one() > 0) {
  }
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(out);
}

}  // namespace weir::model::fakes

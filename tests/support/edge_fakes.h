// tests/support/edge_fakes.h: one end of an HTTP exchange held by a test, and a limit store that counts.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/keys.h"
#include "data/limits.h"
#include "net/http.h"

namespace weir::edge::test {

// Runs a task to its end on a loop of its own; what it throws is thrown here. Work on other threads
// is waited for: the loop does not end before the task has.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context loop(1);
  auto guard = boost::asio::make_work_guard(loop);
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
    thrown = error;
    if (!error) result.emplace(std::move(value));
    guard.reset();
  });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

inline void run(Task<> task) {
  boost::asio::io_context loop(1);
  auto guard = boost::asio::make_work_guard(loop);
  std::exception_ptr thrown;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) {
    thrown = error;
    guard.reset();
  });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
}

// A body in the pieces that the test chose; counts how much was read.
class PiecesBody final : public net::BodyReader {
 public:
  explicit PiecesBody(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Task<Result<std::string_view>> read() override {
    if (next_ == pieces_.size()) co_return std::string_view();
    co_return std::string_view(pieces_[next_++]);
  }
  std::size_t pieces_read() const { return next_; }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

// Keeps what it is given. `gone_after_writes` makes the peer disappear.
class CapturedResponse final : public net::Responder {
 public:
  Task<Result<>> send(net::Response response) override {
    status = response.status;
    headers = std::move(response.headers);
    body = std::move(response.body);
    finished = true;
    co_return Result<>();
  }
  Task<Result<>> start(net::ResponseHead head, std::int64_t length) override {
    status = head.status;
    headers = std::move(head.headers);
    content_length = length;
    co_return Result<>();
  }
  Task<Result<>> write(std::string_view bytes) override {
    if (writes.size() >= gone_after_writes) co_return fail(Code::cancelled, "the client is gone");
    writes.emplace_back(bytes);
    body += bytes;
    co_return Result<>();
  }
  Task<Result<>> finish() override {
    finished = true;
    co_return Result<>();
  }
  void abort() override { aborted = true; }
  bool started() const override { return status != 0; }

  int status = 0;
  net::Headers headers;
  std::string body;
  std::vector<std::string> writes;
  std::int64_t content_length = -2;
  bool finished = false;
  bool aborted = false;
  std::size_t gone_after_writes = SIZE_MAX;
};

// A request whose body is there; `body` outlives it.
inline net::Request request_of(std::string method, std::string target, net::BodyReader& body,
                               bool has_body = false) {
  net::Request request;
  request.method = std::move(method);
  request.target = target;
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.authority = "127.0.0.1:8080";
  request.peer = *IpAddress::parse("127.0.0.1");
  request.has_body = has_body;
  request.body = &body;
  return request;
}

// Admits `amount` units per subject, whatever the time, and all charges or none. Keeps what is settled.
class CountingLimits final : public data::Limits {
 public:
  Task<Result<data::Decision>> decide(std::string_view, std::span<const data::Charge> charges) override {
    ++decisions;
    data::Decision decision{.admitted = true, .verdicts = {}};
    for (const data::Charge& charge : charges) {
      data::Verdict verdict{.admitted = used_[charge.subject] + charge.units <= charge.limit.amount};
      if (!verdict.admitted) verdict.retry_after = std::chrono::milliseconds(316'400);
      verdict.reset = std::chrono::milliseconds(316'400);
      if (charge.enforced) decision.admitted = decision.admitted && verdict.admitted;
      decision.verdicts.push_back(verdict);
    }
    for (std::size_t i = 0; i < charges.size(); ++i) {
      std::int64_t& used = used_[charges[i].subject];
      if (decision.admitted) used += charges[i].units;
      decision.verdicts[i].reserved = decision.admitted ? charges[i].units : 0;
      decision.verdicts[i].remaining = charges[i].limit.amount - used;
    }
    co_return decision;
  }
  Task<Result<std::int64_t>> extend(std::string_view, std::span<const data::Charge>,
                                    std::int64_t units) override {
    co_return units;
  }
  void settle(std::string_view, std::span<const data::Charge> charges) override {
    settled.insert(settled.end(), charges.begin(), charges.end());
  }
  void renew(std::span<const Hold>) override {}
  Task<Result<>> restore(std::span<const data::Charge>) override { co_return Result<>(); }

  std::map<std::string, std::int64_t> used_;
  std::vector<data::Charge> settled;
  int decisions = 0;
};

// Knows tokens and whom they belong to.
class KnownKeys final : public data::Keys {
 public:
  std::optional<data::Principal> verify(std::string_view token) const override {
    const auto found = known.find(token);
    if (found == known.end()) return std::nullopt;
    return found->second;
  }
  bool any() const override { return !known.empty(); }
  Result<Secret> create(std::string, data::TenantId, std::vector<std::string>, WallTime) override {
    return fail(Code::unavailable, "not here");
  }
  Result<std::vector<data::ApiKey>> list() override { return std::vector<data::ApiKey>(); }
  Result<> revoke(std::string_view) override { return {}; }
  Result<Secret> rotate(std::string_view, std::chrono::seconds) override {
    return fail(Code::unavailable, "not here");
  }

  std::map<std::string, data::Principal, std::less<>> known;
};

}  // namespace weir::edge::test

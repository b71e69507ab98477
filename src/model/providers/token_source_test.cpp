#include "model/providers/token_source.h"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "net/loops.h"
#include "net/sleep.h"
#include "run_task.h"

namespace weir::model {
namespace {

using namespace std::chrono_literals;

// Answers in the order of `answers`; waits for `open` first.
class ScriptedFetcher final : public TokenFetcher {
 public:
  struct State {
    std::mutex mutex;
    std::deque<Result<Token>> answers;
    std::atomic<int> calls = 0;
    std::atomic<int> running = 0;
    std::atomic<int> running_max = 0;
    std::atomic<bool> open = true;
  };
  explicit ScriptedFetcher(State& state) : state_(state) {}

  Task<Result<Token>> fetch() override {
    ++state_.calls;
    state_.running_max = std::max(state_.running_max.load(), ++state_.running);
    const Leaving leaving{state_};
    while (!state_.open) co_await net::sleep_for(1ms);
    const std::scoped_lock lock(state_.mutex);
    Result<Token> answer = state_.answers.front();
    if (state_.answers.size() > 1) state_.answers.pop_front();
    co_return answer;
  }

 private:
  struct Leaving {
    State& state;
    ~Leaving() { --state.running; }
  };
  State& state_;
};

struct Fixture {
  ManualClock clock;
  SeededRandom random{7};
  ScriptedFetcher::State fetcher;
  RefreshedToken source{std::make_unique<ScriptedFetcher>(fetcher), clock, random};

  Token lasting(std::string value, std::chrono::seconds life) const {
    return {.value = Secret(std::move(value)), .expires_at = clock.wall() + life};
  }
  void answer(Result<Token> token) { fetcher.answers = {std::move(token)}; }
  std::string get() {
    auto token = test::run_task(source.get());
    return token ? std::string(token->value.reveal()) : "error: " + token.error().message;
  }
};

const Error kDown(Code::upstream_failed, "issuer is down");

}  // namespace

TEST_CASE("token source: one fetch serves until the token grows old") {
  Fixture f;
  f.answer(f.lasting("first", 3'600s));
  CHECK(f.get() == "first");
  f.clock.advance(3'600s - 361s);  // the earliest refresh: ahead and jitter together
  CHECK(f.get() == "first");
  CHECK(f.fetcher.calls == 1);
  f.clock.advance(61s);
  f.answer(f.lasting("second", 3'600s));
  CHECK(f.get() == "second");
  CHECK(f.fetcher.calls == 2);
}

TEST_CASE("token source: a token that never expires is fetched once") {
  Fixture f;
  f.answer(Token{.value = Secret("fixed"), .expires_at = std::nullopt});
  CHECK(f.get() == "fixed");
  f.clock.advance(std::chrono::hours(10'000));
  CHECK(f.get() == "fixed");
  CHECK(f.fetcher.calls == 1);
}

TEST_CASE("token source: a short life is used to its half, not refreshed for every request") {
  Fixture f;
  f.answer(f.lasting("short", 240s));
  CHECK(f.get() == "short");
  f.clock.advance(119s);
  CHECK(f.get() == "short");
  CHECK(f.fetcher.calls == 1);
  f.clock.advance(2s);
  f.answer(f.lasting("next", 240s));
  CHECK(f.get() == "next");
}

TEST_CASE("token source: while a token is valid, a failed refresh is not the caller's problem") {
  Fixture f;
  f.answer(f.lasting("old", 3'600s));
  CHECK(f.get() == "old");
  f.clock.advance(3'400s);
  f.answer(fail(kDown));
  CHECK(f.get() == "old");
  CHECK(f.get() == "old");
  CHECK(f.fetcher.calls == 2);  // the failure is remembered
  f.clock.advance(3s);
  CHECK(f.get() == "old");
  CHECK(f.fetcher.calls == 3);
  f.clock.advance(200s);
  CHECK(f.get() == "error: issuer is down");  // now it is
}

TEST_CASE("token source: without a token, a failure is remembered longer and longer, up to a limit") {
  Fixture f;
  f.answer(fail(kDown));
  std::vector<int> pauses_ms;
  for (int failures = 0; failures < 8; ++failures) {
    CHECK(f.get() == "error: issuer is down");
    const int calls = f.fetcher.calls;
    int waited_ms = 0;
    while (f.fetcher.calls == calls) {
      f.clock.advance(100ms);
      waited_ms += 100;
      CHECK(f.get() == "error: issuer is down");
    }
    pauses_ms.push_back(waited_ms);
    f.clock.advance(60s);
  }
  CHECK(pauses_ms.front() >= 2'000);
  CHECK(pauses_ms.front() <= 3'100);
  CHECK(pauses_ms.back() >= 30'000);
  CHECK(pauses_ms.back() <= 45'100);
  f.answer(f.lasting("back", 3'600s));
  CHECK(f.get() == "back");
}

TEST_CASE("token source: a token that comes expired names the clock") {
  Fixture f;
  f.answer(f.lasting("stale", 10s));
  const auto token = test::run_task(f.source.get());
  REQUIRE_FALSE(token);
  CHECK(token.error().code == Code::unavailable);
  CHECK(token.error().hint.contains("clock"));
}

TEST_CASE("token source: many loops that need a token wait for one fetch") {
  Fixture f;
  f.answer(f.lasting("shared", 3'600s));
  f.fetcher.open = false;
  std::atomic<int> got = 0;
  net::Loops loops(4);
  loops.start();
  constexpr int kCallers = 64;
  for (std::size_t i = 0; i < kCallers; ++i) {
    boost::asio::co_spawn(loops.at(i % 4), f.source.get(), [&](std::exception_ptr, Result<Token> token) {
      if (token && token->value.reveal() == "shared") ++got;
      got.notify_all();
    });
  }
  f.fetcher.open = true;
  for (int seen = got; seen != kCallers; seen = got) got.wait(seen);
  CHECK(f.fetcher.calls == 1);
}

TEST_CASE("token source: while one refreshes, the others go on with the old token") {
  Fixture f;
  f.answer(f.lasting("old", 3'600s));
  CHECK(f.get() == "old");
  f.clock.advance(3'400s);
  f.answer(f.lasting("new", 3'600s));
  f.fetcher.open = false;
  net::Loops loops(1);
  loops.start();
  std::atomic<bool> refreshed = false;
  boost::asio::co_spawn(loops.at(0), f.source.get(), [&](std::exception_ptr, const Result<Token>& token) {
    refreshed = token && token->value.reveal() == "new";
    refreshed.notify_all();
  });
  while (f.fetcher.running == 0) std::this_thread::yield();
  CHECK(f.get() == "old");
  CHECK(f.fetcher.calls == 2);
  f.fetcher.open = true;
  refreshed.wait(false);
  CHECK(f.get() == "new");
}

TEST_CASE("token source: when the one who fetches is cancelled, a waiter takes over") {
  Fixture f;
  f.answer(f.lasting("late", 3'600s));
  f.fetcher.open = false;
  boost::asio::io_context loop(1);
  boost::asio::cancellation_signal client_gone;
  bool cancelled = false;
  std::string got;
  boost::asio::co_spawn(
      loop, f.source.get(),
      boost::asio::bind_cancellation_slot(client_gone.slot(), [&](std::exception_ptr failure, Result<Token>) {
        cancelled = failure != nullptr;
      }));
  boost::asio::co_spawn(loop, f.source.get(), [&](std::exception_ptr, const Result<Token>& token) {
    if (token) got = token->value.reveal();
  });
  loop.poll();
  CHECK(f.fetcher.calls == 1);
  client_gone.emit(boost::asio::cancellation_type::terminal);
  f.fetcher.open = true;
  loop.run();
  CHECK(cancelled);
  CHECK(got == "late");
  CHECK(f.fetcher.calls == 2);
  CHECK(f.fetcher.running_max == 1);
}

TEST_CASE("token source: a fixed token is given as it is") {
  FixedToken source(Token{.value = Secret("key"), .expires_at = std::nullopt});
  CHECK(test::run_task(source.get())->value.reveal() == "key");
}

}  // namespace weir::model

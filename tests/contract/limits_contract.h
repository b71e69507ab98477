// tests/contract/limits_contract.h: what every implementation of data::Limits keeps. The store is made
// anew for each subcase and follows the ManualClock.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "data/limits.h"
#include "support/run_task.h"

namespace weir::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LimitsContract {
 public:
  LimitsContract(data::Limits& limits, ManualClock& clock) : limits_(limits), clock_(clock) {}

  void run() {
    SUBCASE("the window slides") {
      slides();
    }
    SUBCASE("a refused request does not count") {
      refusals_are_free();
    }
    SUBCASE("subjects are independent") {
      subjects_are_independent();
    }
    SUBCASE("a lowered and a raised limit hold at once") {
      follows_the_limit();
    }
    SUBCASE("a count of zero refuses everything") {
      refuses_all();
    }
    SUBCASE("a window that is not positive is refused") {
      const data::RateLimit limit{.count = 1, .window = seconds(0)};
      CHECK(run_task(limits_.admit("a", limit)).error().code == Code::invalid_request);
    }
    SUBCASE("random times agree with the definition") {
      agrees_with_the_definition();
    }
    SUBCASE("64 threads get exactly the limit") {
      is_exact_under_contention();
    }
  }

 private:
  data::RateDecision admit(std::string_view subject, data::RateLimit limit) {
    auto decided = run_task(limits_.admit(subject, limit));
    REQUIRE(decided);
    return *decided;
  }

  void slides() {
    const data::RateLimit limit{.count = 2, .window = seconds(10)};
    CHECK(admit("a", limit).remaining == 1);
    clock_.advance(seconds(4));
    const auto second = admit("a", limit);
    CHECK(second.admitted);
    CHECK(second.remaining == 0);
    CHECK(second.reset == seconds(6));
    clock_.advance(seconds(1));
    const auto refused = admit("a", limit);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.remaining == 0);
    CHECK(refused.retry_after == seconds(5));
    clock_.advance(seconds(5) - std::chrono::nanoseconds(1));  // the first is 10 s old in one nanosecond
    const auto early = admit("a", limit);
    CHECK_FALSE(early.admitted);
    CHECK(early.retry_after == milliseconds(1));  // rounded up
    clock_.advance(std::chrono::nanoseconds(1));
    CHECK(admit("a", limit).admitted);
    CHECK(admit("a", limit).retry_after == seconds(4));  // the second's turn to leave
  }

  void refusals_are_free() {
    const data::RateLimit limit{.count = 1, .window = seconds(10)};
    CHECK(admit("a", limit).admitted);
    for (int i = 0; i < 9; ++i) {
      clock_.advance(seconds(1));
      CHECK_FALSE(admit("a", limit).admitted);
    }
    clock_.advance(seconds(1));
    CHECK(admit("a", limit).admitted);
  }

  void subjects_are_independent() {
    const data::RateLimit limit{.count = 1, .window = seconds(10)};
    CHECK(admit("a", limit).admitted);
    CHECK(admit("b", limit).admitted);
    CHECK(admit("", limit).admitted);
    CHECK_FALSE(admit("a", limit).admitted);
  }

  void follows_the_limit() {
    for (int i = 0; i < 5; ++i) {
      CHECK(admit("a", {.count = 5, .window = seconds(10)}).admitted);
      clock_.advance(seconds(1));
    }
    const auto lowered = admit("a", {.count = 2, .window = seconds(10)});
    CHECK_FALSE(lowered.admitted);
    CHECK(lowered.remaining == 0);
    CHECK(lowered.retry_after == seconds(8));  // until only one of the five is left
    CHECK(admit("a", {.count = 6, .window = seconds(10)}).admitted);
    CHECK_FALSE(admit("a", {.count = 6, .window = seconds(10)}).admitted);
  }

  void refuses_all() {
    const auto refused = admit("a", {.count = 0, .window = seconds(10)});
    CHECK_FALSE(refused.admitted);
    CHECK(refused.retry_after == seconds(10));
  }

  // The oracle keeps every admission for ever and counts those in (now - window, now].
  void agrees_with_the_definition() {
    SeededRandom random(20'261'124);
    const data::RateLimit limit{.count = 7, .window = seconds(3)};
    std::vector<Monotonic> admissions;
    for (int i = 0; i < 20'000; ++i) {
      // Often none, sometimes whole seconds, so that the edges of the window are met exactly.
      const std::uint64_t kind = random.next_u64() % 4;
      if (kind == 1) clock_.advance(std::chrono::nanoseconds(random.next_u64() % 900'000'000));
      if (kind == 2) clock_.advance(seconds(random.next_u64() % 3));
      if (kind == 3 && random.next_u64() % 50 == 0) clock_.advance(seconds(10));
      const Monotonic now = clock_.monotonic();
      const auto counted = std::ranges::count_if(
          admissions, [&](Monotonic time) { return time > now - limit.window && time <= now; });
      const bool expected = counted < static_cast<std::int64_t>(limit.count);
      const auto decided = admit("a", limit);
      REQUIRE(decided.admitted == expected);
      const auto after = counted + (expected ? 1 : 0);
      REQUIRE(decided.remaining == limit.count - static_cast<std::uint32_t>(after));
      if (expected) {
        admissions.push_back(now);
        if (admissions.size() > 100) admissions.erase(admissions.begin());  // far older than the window
      }
    }
  }

  void is_exact_under_contention() {
    const data::RateLimit limit{.count = 100, .window = seconds(900)};
    std::atomic<int> asked{0};
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&] {
        while (asked.fetch_add(1) < 10'000) {
          const auto decided = run_task(limits_.admit("a", limit));
          if (decided && decided->admitted) ++admitted;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(admitted == 100);
  }

  data::Limits& limits_;
  ManualClock& clock_;
};

}  // namespace weir::test

// tests/contract/limits_contract.h: what every implementation of data::Limits keeps. The store is made
// anew for each subcase and follows the ManualClock.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
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
      CHECK(ask({charge("a", {.window = seconds(0)})}).error().code == Code::invalid_request);
    }
    SUBCASE("what makes no sense is refused") {
      refuses_nonsense();
    }
    SUBCASE("several charges are one decision") {
      decides_together();
    }
    SUBCASE("a shadow counts and never refuses") {
      shadows();
    }
    SUBCASE("held units count until they are settled") {
      settles();
    }
    SUBCASE("places of streams come back") {
      counts_streams();
    }
    SUBCASE("what a dead holder left comes back") {
      leases_end();
    }
    SUBCASE("a bucket drains evenly") {
      drains();
    }
    SUBCASE("two counters count the last window in proportion") {
      two_counters();
    }
    SUBCASE("64 threads over two rules get exactly the smaller") {
      is_exact_over_rules();
    }
    SUBCASE("random times agree with the definition") {
      agrees_with_the_definition();
    }
    SUBCASE("64 threads get exactly the limit") {
      is_exact_under_contention();
    }
  }

 private:
  static data::Charge charge(std::string subject, data::Limit limit, std::int64_t units = 1) {
    data::Charge made;
    made.subject = std::move(subject);
    made.limit = limit;
    made.units = units;
    return made;
  }
  Result<data::Decision> ask(const std::vector<data::Charge>& charges, std::string_view id = "req") {
    return run_task(limits_.decide(id, charges));
  }
  data::Verdict admit(std::string_view subject, data::RateLimit limit) {
    const data::Limit exact{.amount = limit.count, .window = limit.window};
    auto decided = ask({charge(std::string(subject), exact)});
    REQUIRE(decided);
    REQUIRE(decided->verdicts.size() == 1);
    CHECK(decided->admitted == decided->verdicts[0].admitted);
    return decided->verdicts[0];
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
      REQUIRE(decided.remaining == limit.count - after);
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
          if (admit("a", limit).admitted) ++admitted;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(admitted == 100);
  }

  void refuses_nonsense() {
    CHECK(ask({charge("a", {.amount = -1})}).error().code == Code::invalid_request);
    CHECK(ask({charge("a", {}, -1)}).error().code == Code::invalid_request);
    CHECK(ask({charge("a", {}), charge("a", {})}).error().code == Code::invalid_request);
    CHECK(ask({})->admitted);
  }

  void decides_together() {
    const data::Limit wide{.amount = 10, .window = seconds(10)};
    const data::Limit narrow{.amount = 1, .window = seconds(10)};
    CHECK(ask({charge("wide", wide), charge("narrow", narrow)})->admitted);
    for (int i = 0; i < 20; ++i) {
      const auto refused = ask({charge("wide", wide), charge("narrow", narrow)});
      CHECK_FALSE(refused->admitted);
      CHECK(refused->verdicts[0].admitted);  // it alone would have had room
      CHECK_FALSE(refused->verdicts[1].admitted);
      CHECK(refused->verdicts[0].remaining == 9);  // and nothing was taken from it
      CHECK(refused->verdicts[1].retry_after == seconds(10));
    }
    // Units of any size, and one that no window could hold.
    CHECK(ask({charge("wide", wide, 9)})->admitted);
    const auto never = ask({charge("other", wide, 11)});
    CHECK_FALSE(never->admitted);
    CHECK(never->verdicts[0].retry_after == seconds(10));
  }

  void shadows() {
    const data::Limit limit{.amount = 1, .window = seconds(10)};
    data::Charge shadow = charge("a", limit);
    shadow.enforced = false;
    CHECK(ask({shadow})->verdicts[0].admitted);
    const auto over = ask({shadow});
    CHECK(over->admitted);
    CHECK_FALSE(over->verdicts[0].admitted);
    CHECK_FALSE(ask({charge("a", limit)})->admitted);
  }

  data::Charge held(std::string subject, data::Limit limit, std::int64_t units) {
    data::Charge made = charge(std::move(subject), limit, units);
    made.held = true;
    return made;
  }

  void settles() {
    for (const auto method :
         {data::LimitMethod::exact, data::LimitMethod::gcra, data::LimitMethod::two_counters}) {
      const data::Limit limit{.method = method, .amount = 100, .window = seconds(10)};
      const std::string subject = "tokens" + std::to_string(static_cast<int>(method));
      CHECK(ask({held(subject, limit, 60)}, "one")->admitted);
      CHECK_FALSE(ask({held(subject, limit, 60)}, "two")->admitted);
      const std::vector<data::Charge> used{charge(subject, limit, 20)};
      limits_.settle("one", used);
      CHECK(ask({held(subject, limit, 60)}, "two")->verdicts[0].remaining == 20);
      // More than was held: it has been used, and keeps others out.
      const std::vector<data::Charge> more{charge(subject, limit, 90)};
      limits_.settle("two", more);
      CHECK_FALSE(ask({charge(subject, limit)})->admitted);
      clock_.advance(seconds(20));
      CHECK(ask({held(subject, limit, 100)}, "three")->admitted);
      const std::vector<data::Charge> none{charge(subject, limit, 0)};
      limits_.settle("three", none);
      CHECK(ask({charge(subject, limit)})->verdicts[0].remaining == 99);
    }
  }

  void counts_streams() {
    const data::Limit two{.method = data::LimitMethod::parallel, .amount = 2};
    CHECK(ask({charge("a", two)}, "one")->admitted);
    CHECK(ask({charge("a", two)}, "two")->admitted);
    const auto refused = ask({charge("a", two)}, "three");
    CHECK_FALSE(refused->admitted);
    CHECK(refused->verdicts[0].retry_after > milliseconds(0));
    const std::vector<data::Charge> end{charge("a", two, 0)};
    limits_.settle("one", end);
    limits_.settle("one", end);  // once more frees nothing
    CHECK(ask({charge("a", two)}, "three")->admitted);
    CHECK_FALSE(ask({charge("a", two)}, "four")->admitted);
  }

  void leases_end() {
    const data::Limit one{.method = data::LimitMethod::parallel, .amount = 1};
    CHECK(ask({charge("a", one)}, "one")->admitted);
    for (int i = 0; i < 8; ++i) {
      clock_.advance(data::kHoldRenewal);
      const std::vector<data::Limits::Hold> holds{{.id = "one", .subjects = {"a"}}};
      limits_.renew(holds);
      CHECK_FALSE(ask({charge("a", one)}, "two")->admitted);
    }
    clock_.advance(data::kHoldLease - seconds(1));
    CHECK_FALSE(ask({charge("a", one)}, "two")->admitted);
    clock_.advance(seconds(1));
    CHECK(ask({charge("a", one)}, "two")->admitted);
  }

  void drains() {
    const data::Limit limit{.method = data::LimitMethod::gcra, .amount = 10, .window = seconds(10)};
    for (int i = 0; i < 10; ++i) CHECK(ask({charge("a", limit)})->admitted);
    const auto refused = ask({charge("a", limit)});
    CHECK_FALSE(refused->admitted);
    CHECK(refused->verdicts[0].retry_after <= seconds(1));
    clock_.advance(seconds(1));
    CHECK(ask({charge("a", limit)})->admitted);
    CHECK_FALSE(ask({charge("a", limit)})->admitted);
    clock_.advance(seconds(100));
    CHECK(ask({charge("a", limit)})->verdicts[0].remaining == 9);
  }

  void two_counters() {
    const data::Limit limit{.method = data::LimitMethod::two_counters, .amount = 10, .window = seconds(10)};
    clock_.advance(seconds(10) - clock_.monotonic() % seconds(10));
    for (int i = 0; i < 10; ++i) CHECK(ask({charge("a", limit)})->admitted);
    CHECK_FALSE(ask({charge("a", limit)})->admitted);
    clock_.advance(seconds(15));  // half of the last window's ten still count
    int admitted = 0;
    for (int i = 0; i < 10; ++i) admitted += ask({charge("a", limit)})->admitted ? 1 : 0;
    CHECK(admitted == 5);
    clock_.advance(seconds(20));
    CHECK(ask({charge("a", limit)})->verdicts[0].remaining == 9);
  }

  void is_exact_over_rules() {
    const data::Limit project{.amount = 300, .window = seconds(900)};
    const data::Limit key{.amount = 100, .window = seconds(900)};
    std::atomic<int> asked{0};
    std::array<std::atomic<int>, 4> admitted{};
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&] {
        for (int turn = asked.fetch_add(1); turn < 4'000; turn = asked.fetch_add(1)) {
          const auto whose = static_cast<std::size_t>(turn % 4);
          const auto decided = ask({charge("project", project), charge("key" + std::to_string(whose), key)});
          if (decided && decided->admitted) ++admitted[whose];
        }
      });
    }
    for (auto& thread : threads) thread.join();
    int sum = 0;
    for (const auto& count : admitted) {
      CHECK(count <= 100);
      sum += count;
    }
    CHECK(sum == 300);
  }

  data::Limits& limits_;
  ManualClock& clock_;
};

}  // namespace weir::test

// tests/contract/budgets_contract.h: what every implementation of data::Limits keeps where limits are
// budgets: calendar periods, reservations that grow, ceilings under contention. The store is made anew for
// each subcase and follows the ManualClock, in its wall time too.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "data/limits.h"
#include "support/run_task.h"

namespace weir::test {

class BudgetsContract {
 public:
  BudgetsContract(data::Limits& limits, ManualClock& clock) : limits_(limits), clock_(clock) {}

  void run() {
    SUBCASE("a budget is used up by what is settled") {
      uses_up();
    }
    SUBCASE("each period begins anew") {
      begins_anew();
    }
    SUBCASE("a reservation grows while there is room") {
      grows();
    }
    SUBCASE("several budgets grow alike, by what the least has") {
      grows_in_all();
    }
    SUBCASE("a call that nobody can stop reserves more, but leaves room for others") {
      shares();
    }
    SUBCASE("a soft budget is charged and refuses nothing") {
      soft();
    }
    SUBCASE("reservations of the dead come back within a minute") {
      returns();
    }
    SUBCASE("what the ledger knows is restored, and never lowered") {
      restores();
    }
    SUBCASE("a thousand calls at once never exceed the cap") {
      is_a_ceiling();
    }
  }

 private:
  static constexpr data::Limit budget(std::int64_t amount, data::Period period = data::Period::total) {
    return {.method = data::LimitMethod::calendar, .amount = amount, .period = period};
  }
  static data::Charge reservation(std::string subject, data::Limit limit, std::int64_t units) {
    data::Charge made;
    made.subject = std::move(subject);
    made.limit = limit;
    made.units = units;
    made.held = true;
    return made;
  }
  data::Decision reserve(std::string_view id, const data::Charge& charge) {
    const std::vector<data::Charge> charges{charge};
    auto decided = run_task(limits_.decide(id, charges));
    REQUIRE(decided);
    return *decided;
  }
  std::int64_t extend(std::string_view id, const std::vector<data::Charge>& charges, std::int64_t units) {
    auto granted = run_task(limits_.extend(id, charges, units));
    REQUIRE(granted);
    return *granted;
  }
  void settle(std::string_view id, const data::Charge& charge, std::int64_t units) {
    std::vector<data::Charge> charges{charge};
    charges[0].units = units;
    limits_.settle(id, charges);
  }
  std::int64_t remaining(const std::string& subject, data::Limit limit) {
    // Takes nothing, and so needs room for one; what it is told holds either way.
    return reserve("look", reservation(subject, limit, 0)).verdicts[0].remaining;
  }

  void uses_up() {
    const auto charge = reservation("a", budget(100), 40);
    CHECK(reserve("one", charge).verdicts[0].remaining == 60);
    CHECK(reserve("two", charge).admitted);
    CHECK_FALSE(reserve("three", charge).admitted);
    settle("one", charge, 10);
    settle("two", charge, 41);
    CHECK(remaining("a", budget(100)) == 49);
    settle("three", charge, 60);  // it has been spent, whoever allowed it
    CHECK(remaining("a", budget(100)) == 0);
    CHECK_FALSE(reserve("four", reservation("a", budget(100), 0)).admitted);  // not even for nothing
    CHECK(reserve("four", reservation("a", budget(200), 80)).admitted);       // a raised cap holds at once
  }

  void begins_anew() {
    for (const auto period :
         {data::Period::hour, data::Period::day, data::Period::week, data::Period::month}) {
      const auto limit = budget(10, period);
      const std::string subject = "p" + std::to_string(static_cast<int>(period));
      const auto charge = reservation(subject, limit, 10);
      settle("x", charge, 10);
      const auto refused = reserve("one", charge);
      REQUIRE_FALSE(refused.admitted);
      const auto span = data::period_at(period, clock_.wall());
      CHECK(refused.verdicts[0].retry_after ==
            std::chrono::ceil<std::chrono::milliseconds>(span.end - clock_.wall()));
      clock_.advance(span.end - clock_.wall() - std::chrono::nanoseconds(1));
      CHECK_FALSE(reserve("one", charge).admitted);
      clock_.advance(std::chrono::nanoseconds(1));
      CHECK(reserve("one", charge).admitted);
    }
  }

  void grows() {
    const auto charge = reservation("a", budget(100), 40);
    CHECK(reserve("one", charge).admitted);
    CHECK(reserve("two", charge).admitted);
    CHECK(extend("one", {charge}, 15) == 15);
    CHECK(extend("two", {charge}, 15) == 5);
    CHECK(extend("two", {charge}, 15) == 0);
    settle("one", charge, 50);
    CHECK(extend("two", {charge}, 15) == 5);
    settle("two", charge, 50);
    CHECK(remaining("a", budget(100)) == 0);
  }

  void grows_in_all() {
    const std::vector<data::Charge> both{reservation("wide", budget(100), 10),
                                         reservation("narrow", budget(30), 10)};
    REQUIRE(run_task(limits_.decide("one", both))->admitted);
    CHECK(extend("one", both, 15) == 15);
    CHECK(extend("one", both, 15) == 5);
    CHECK(remaining("wide", budget(100)) == 70);
    CHECK(remaining("narrow", budget(30)) == 0);
  }

  void shares() {
    auto charge = reservation("a", budget(1'000), 10);
    charge.wanted = 5'000;
    CHECK(reserve("one", charge).verdicts[0].reserved == 250);
    CHECK(reserve("two", charge).verdicts[0].reserved == 187);
    charge.wanted = 100;
    CHECK(reserve("three", charge).verdicts[0].reserved == 100);
    charge.units = 460;
    CHECK(reserve("four", charge).verdicts[0].reserved == 460);
    CHECK_FALSE(reserve("five", charge).admitted);
  }

  void soft() {
    auto charge = reservation("a", budget(10), 20);
    charge.enforced = false;
    const auto first = reserve("one", charge);
    CHECK(first.admitted);
    CHECK_FALSE(first.verdicts[0].admitted);
    CHECK(extend("one", {charge}, 30) == 30);
    settle("one", charge, 45);
    CHECK(remaining("a", budget(50)) == 5);
  }

  void returns() {
    const auto charge = reservation("a", budget(10), 10);
    CHECK(reserve("dead", charge).admitted);
    clock_.advance(std::chrono::seconds(44));
    CHECK_FALSE(reserve("one", charge).admitted);
    clock_.advance(std::chrono::seconds(1));
    CHECK(reserve("one", charge).admitted);
    CHECK(data::kHoldLease <= std::chrono::seconds(60));
  }

  void restores() {
    const auto limit = budget(100, data::Period::day);
    const std::vector<data::Charge> known{reservation("a", limit, 70), reservation("b", limit, 10)};
    REQUIRE(run_task(limits_.restore(known)));
    CHECK(remaining("a", limit) == 30);
    CHECK(remaining("b", limit) == 90);
    settle("x", known[1], 40);
    REQUIRE(run_task(limits_.restore(known)));
    CHECK(remaining("b", limit) == 50);
  }

  // Each call reserves an estimate, grows by steps until it has what it wants or is cut, and settles.
  void is_a_ceiling() {
    const auto limit = budget(100'000);
    std::atomic<int> next{0};
    std::atomic<std::int64_t> settled{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        SeededRandom random(static_cast<std::uint64_t>(i) + 1);
        for (int turn = next.fetch_add(1); turn < 1'000; turn = next.fetch_add(1)) {
          const std::string id = "call" + std::to_string(turn);
          const auto charge = reservation("a", limit, 100);
          if (!reserve(id, charge).admitted) continue;
          std::int64_t reserved = 100;
          const auto wanted = static_cast<std::int64_t>(random.next_u64() % 1'000);
          while (reserved < wanted) {
            const std::int64_t granted = extend(id, {charge}, 50);
            reserved += granted;
            if (granted < 50) break;
          }
          const std::int64_t used = std::min(wanted, reserved);
          settle(id, charge, used);
          settled += used;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(settled <= 100'000);
    CHECK(settled > 99'800);
    CHECK(remaining("a", limit) == 100'000 - settled);
  }

  data::Limits& limits_;
  ManualClock& clock_;
};

}  // namespace weir::test

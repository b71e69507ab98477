#include "data/memory/limits.h"

#include <deque>

#include "contract/budgets_contract.h"
#include "contract/limits_contract.h"
#include "data/memory/admission_log.h"

namespace weir::data {

using test::run_task;
using test::seconds;

namespace {

Result<Verdict> admit(MemoryLimits& limits, std::string subject, RateLimit limit) {
  std::vector<Charge> charges(1);
  charges[0].subject = std::move(subject);
  charges[0].limit = {.amount = limit.count, .window = limit.window};
  auto decided = run_task(limits.decide("req", charges));
  if (!decided) return fail(decided);
  return decided->verdicts[0];
}

}  // namespace

TEST_CASE("budgets in memory keep the contract") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  test::BudgetsContract(limits, clock).run();
}

TEST_CASE("periods begin where the calendar says") {
  const auto at = [](std::int64_t seconds_since_1970) {
    return std::chrono::nanoseconds(seconds(seconds_since_1970));
  };
  // 2026-02-26 12:34:56, a Thursday.
  const auto wall = at(1'772'109'296);
  CHECK(period_at(Period::hour, wall).begin == at(1'772'107'200));
  CHECK(period_at(Period::day, wall).begin == at(1'772'064'000));
  CHECK(period_at(Period::week, wall).begin == at(1'771'804'800));   // Monday the 23rd
  CHECK(period_at(Period::month, wall).begin == at(1'769'904'000));  // the 1st
  CHECK(period_at(Period::month, wall).end == at(1'772'323'200));    // 28 days later
  CHECK(period_at(Period::month, wall).number + 1 == period_at(Period::month, at(1'772'323'200)).number);
  CHECK(period_at(Period::total, wall).end == at(0));
}

TEST_CASE("budgets stay while their period lasts, and go with it") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  std::vector<Charge> charges(2);
  charges[0].subject = "day";
  charges[0].limit = {.method = LimitMethod::calendar, .amount = 5, .period = Period::day};
  charges[1].subject = "total";
  charges[1].limit = {.method = LimitMethod::calendar, .amount = 5, .period = Period::total};
  limits.settle("x", charges);
  clock.advance(seconds(60));
  CHECK(limits.release_passed() == 0);
  for (int i = 0; i < 26; ++i) {
    clock.advance(std::chrono::hours(1));
    limits.release_passed();
  }
  CHECK(limits.subject_count() == 1);
  CHECK(run_task(limits.decide("y", charges))->verdicts[1].remaining == 3);
}

TEST_CASE("limits in memory keep the contract") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  test::LimitsContract(limits, clock).run();
}

TEST_CASE("an admission log stays in order while it wraps and grows") {
  AdmissionLog log;
  std::deque<Monotonic> oracle;
  SeededRandom random(7);
  Monotonic now{};
  for (int i = 0; i < 5'000; ++i) {
    now += Monotonic(random.next_u64() % 3);
    if (random.next_u64() % 3 == 0) {
      const Monotonic until = now - Monotonic(random.next_u64() % 20);
      log.drop_until(until);
      while (!oracle.empty() && oracle.front() <= until) oracle.pop_front();
    }
    log.add(now, Monotonic(1));
    oracle.push_back(now);
    REQUIRE(log.size() == oracle.size());
    REQUIRE(log.oldest() == oracle.front());
    REQUIRE(log.newest() == oracle.back());
    const std::size_t older = random.next_u64() % oracle.size();
    REQUIRE(log.time_after(older) == oracle[older]);
  }
}

TEST_CASE("a full limiter refuses newcomers and keeps everyone's log") {
  ManualClock clock;
  MemoryLimits limits({.subjects_max = 3, .shards = 2}, clock);
  const RateLimit limit{.count = 1, .window = seconds(10)};
  for (const char* subject : {"a", "b", "c"}) {
    CHECK(admit(limits, subject, limit)->admitted);
    clock.advance(seconds(1));
  }
  const auto refused = admit(limits, "d", limit);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::overloaded);
  CHECK(refused.error().retry_after_ms > 0);
  for (const char* subject : {"a", "b", "c"}) CHECK_FALSE(admit(limits, subject, limit)->admitted);
  CHECK(limits.subject_count() == 3);
  clock.advance(seconds(7));  // a's window has passed, in whichever shard it is
  CHECK(admit(limits, "d", limit)->admitted);
  CHECK_FALSE(admit(limits, "b", limit)->admitted);
  CHECK(limits.subject_count() == 3);
}

TEST_CASE("memory goes when the windows have passed") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  const RateLimit limit{.count = 3, .window = seconds(10)};
  for (int i = 0; i < 1'000; ++i) CHECK(admit(limits, "s" + std::to_string(i), limit)->admitted);
  CHECK(limits.subject_count() == 1'000);
  CHECK(limits.release_passed() == 0);
  clock.advance(seconds(5));
  CHECK(admit(limits, "s0", limit)->admitted);  // lives longer than the others
  clock.advance(seconds(5));
  CHECK(limits.release_passed() == 999);
  CHECK(limits.subject_count() == 1);
  CHECK(admit(limits, "s0", limit)->remaining == 1);
}

TEST_CASE("arrivals release what has passed, without a timer") {
  ManualClock clock;
  MemoryLimits limits({.shards = 1}, clock);
  const RateLimit limit{.count = 1, .window = seconds(10)};
  for (int i = 0; i < 50; ++i) {
    for (int k = 0; k < 100; ++k) {
      CHECK(admit(limits, std::to_string(i) + "-" + std::to_string(k), limit)->admitted);
    }
    clock.advance(seconds(10));
  }
  CHECK(limits.subject_count() <= 200);
}

TEST_CASE("a large limit is never exceeded in any window, and its log stays small") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  const RateLimit limit{.count = 100'000, .window = seconds(900)};
  SeededRandom random(11);
  std::deque<Monotonic> admitted;  // what the definition counts
  std::uint64_t early_refusals = 0;
  for (int i = 0; i < 400'000; ++i) {
    clock.advance(Monotonic(random.next_u64() % 6'000'000));  // 3 ms on average: 300,000 a window
    const Monotonic now = clock.monotonic();
    while (!admitted.empty() && admitted.front() <= now - limit.window) admitted.pop_front();
    const bool passed = admit(limits, "a", limit)->admitted;
    if (passed) {
      REQUIRE(admitted.size() < limit.count);
      admitted.push_back(now);
    } else if (admitted.size() < limit.count) {
      ++early_refusals;  // one that left the window counts until its step ends
    }
  }
  CHECK(early_refusals < 400);
  CHECK(admit(limits, "b", {.count = 100'000'000, .window = seconds(900)})->admitted);
}

TEST_CASE("an admission log of coarse steps holds one entry a step") {
  AdmissionLog log;
  for (int i = 1; i <= 1'000; ++i) log.add(Monotonic(i), Monotonic(100));
  CHECK(log.size() == 1'000);
  CHECK(log.oldest() == Monotonic(100));
  CHECK(log.newest() == Monotonic(1'000));
  CHECK(log.time_after(99) == Monotonic(100));
  CHECK(log.time_after(100) == Monotonic(200));
  log.drop_until(Monotonic(500));
  CHECK(log.size() == 500);
}

}  // namespace weir::data

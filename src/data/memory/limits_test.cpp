#include "data/memory/limits.h"

#include <deque>

#include "contract/limits_contract.h"
#include "data/memory/admission_log.h"

namespace weir::data {

using test::run_task;
using test::seconds;

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
    CHECK(run_task(limits.admit(subject, limit))->admitted);
    clock.advance(seconds(1));
  }
  const auto refused = run_task(limits.admit("d", limit));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::overloaded);
  CHECK(refused.error().retry_after_ms > 0);
  for (const char* subject : {"a", "b", "c"}) CHECK_FALSE(run_task(limits.admit(subject, limit))->admitted);
  CHECK(limits.subject_count() == 3);
  clock.advance(seconds(7));  // a's window has passed, in whichever shard it is
  CHECK(run_task(limits.admit("d", limit))->admitted);
  CHECK_FALSE(run_task(limits.admit("b", limit))->admitted);
  CHECK(limits.subject_count() == 3);
}

TEST_CASE("memory goes when the windows have passed") {
  ManualClock clock;
  MemoryLimits limits({}, clock);
  const RateLimit limit{.count = 3, .window = seconds(10)};
  for (int i = 0; i < 1'000; ++i) CHECK(run_task(limits.admit("s" + std::to_string(i), limit))->admitted);
  CHECK(limits.subject_count() == 1'000);
  CHECK(limits.release_passed() == 0);
  clock.advance(seconds(5));
  CHECK(run_task(limits.admit("s0", limit))->admitted);  // lives longer than the others
  clock.advance(seconds(5));
  CHECK(limits.release_passed() == 999);
  CHECK(limits.subject_count() == 1);
  CHECK(run_task(limits.admit("s0", limit))->remaining == 1);
}

TEST_CASE("arrivals release what has passed, without a timer") {
  ManualClock clock;
  MemoryLimits limits({.shards = 1}, clock);
  const RateLimit limit{.count = 1, .window = seconds(10)};
  for (int i = 0; i < 50; ++i) {
    for (int k = 0; k < 100; ++k) {
      CHECK(run_task(limits.admit(std::to_string(i) + "-" + std::to_string(k), limit))->admitted);
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
    const bool passed = run_task(limits.admit("a", limit))->admitted;
    if (passed) {
      REQUIRE(admitted.size() < limit.count);
      admitted.push_back(now);
    } else if (admitted.size() < limit.count) {
      ++early_refusals;  // one that left the window counts until its step ends
    }
  }
  CHECK(early_refusals < 400);
  CHECK(run_task(limits.admit("b", {.count = 100'000'000, .window = seconds(900)}))->admitted);
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

#include "model/resilience/breaker.h"

#include <doctest/doctest.h>

#include <deque>

#include "base/random.h"

namespace weir::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void run(Breaker& breaker, int tries, bool good) {
  for (int i = 0; i < tries; ++i) {
    auto pass = breaker.allow();
    if (!pass) return;
    if (good) {
      pass->succeeded();
    } else {
      pass->failed();
    }
  }
}

}  // namespace

TEST_CASE("breaker: few failures, or few among many, open nothing") {
  ManualClock clock;
  Breaker breaker({}, clock);
  run(breaker, 19, false);
  CHECK(breaker.state() == BreakerState::closed);
  Breaker busy({}, clock);
  run(busy, 60, true);
  for (int i = 0; i < 5; ++i) {
    run(busy, 9, false);
    run(busy, 1, true);
  }
  CHECK(busy.state() == BreakerState::closed);  // 45 of 110
  run(busy, 19, false);
  CHECK(busy.state() == BreakerState::closed);
  run(busy, 1, false);
  CHECK(busy.state() == BreakerState::open);  // 65 of 130, and twenty in a row
}

TEST_CASE("breaker: open lets nothing through, then one probe at a time, then all") {
  ManualClock clock;
  Breaker breaker({}, clock);
  run(breaker, 20, false);
  REQUIRE(breaker.state() == BreakerState::open);
  CHECK_FALSE(breaker.allow());
  CHECK(breaker.closed_for() == seconds(2));
  clock.advance(seconds(2));
  CHECK(breaker.state() == BreakerState::half_open);
  {
    auto probe = breaker.allow();
    REQUIRE(probe);
    CHECK_FALSE(breaker.allow());
    CHECK_FALSE(breaker.would_allow());
    probe->succeeded();
  }
  CHECK(breaker.state() == BreakerState::half_open);
  breaker.allow()->succeeded();
  CHECK(breaker.state() == BreakerState::closed);
  run(breaker, 19, false);
  CHECK(breaker.state() == BreakerState::closed);  // what was before is forgotten
}

TEST_CASE("breaker: a failed probe opens it again, an abandoned one frees its place") {
  ManualClock clock;
  Breaker breaker({}, clock);
  run(breaker, 20, false);
  clock.advance(seconds(2));
  CHECK(breaker.allow()->failed());
  CHECK(breaker.state() == BreakerState::open);
  clock.advance(seconds(2));
  {
    const auto abandoned = breaker.allow();
  }
  CHECK(breaker.state() == BreakerState::half_open);
  CHECK(breaker.allow());
}

TEST_CASE("breaker: outcomes of before it opened count no more") {
  ManualClock clock;
  Breaker breaker({}, clock);
  auto slow = breaker.allow();
  auto slower = breaker.allow();
  run(breaker, 20, false);
  clock.advance(seconds(2));
  slow->succeeded();
  slower->succeeded();
  CHECK(breaker.state() == BreakerState::half_open);
}

TEST_CASE("breaker: the window passes") {
  ManualClock clock;
  Breaker breaker({}, clock);
  run(breaker, 19, false);
  clock.advance(seconds(11));
  run(breaker, 10, false);
  CHECK(breaker.state() == BreakerState::closed);
  breaker.count_late_failure();
  run(breaker, 9, false);
  CHECK(breaker.state() == BreakerState::open);
}

// Whatever happens in whatever order: while open nothing passes, and half-open only one at a time.
TEST_CASE("breaker: random histories keep its promises") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    ManualClock clock;
    Breaker breaker({.tries_min = 5}, clock);
    std::deque<Breaker::Pass> under_way;
    std::size_t probes = 0;  // passes given while half-open, and not yet told
    for (int step = 0; step < 400; ++step) {
      clock.advance(milliseconds(random.next_u64() % 300));
      const BreakerState before = breaker.state();
      if (before == BreakerState::closed || under_way.empty() || random.next_unit() < 0.5) {
        auto pass = breaker.allow();
        if (before == BreakerState::open) CHECK_FALSE(pass);
        if (before == BreakerState::closed) CHECK(pass);
        if (before == BreakerState::half_open && pass) ++probes;
        if (pass) under_way.push_back(*std::move(pass));
      }
      if (!under_way.empty() && random.next_unit() < 0.6) {
        Breaker::Pass pass = std::move(under_way.back());
        under_way.pop_back();
        const double chance = random.next_unit();
        if (chance < 0.45) pass.failed();
        if (chance > 0.55) pass.succeeded();
      }
    }
    CAPTURE(seed);
    under_way.clear();
    clock.advance(seconds(10));
    CHECK(breaker.allow());  // never stuck
    CHECK(probes > 0);
  }
}

}  // namespace weir::model

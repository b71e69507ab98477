// Retry budget, adaptive limit, failure classes.
#include <doctest/doctest.h>

#include "model/resilience/adaptive_limit.h"
#include "model/resilience/failure_class.h"
#include "model/resilience/retry_budget.h"

namespace weir::model {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("retry budget: what is saved, then a share of the calls") {
  ManualClock clock;
  RetryBudget budget({.percent = 20, .per_second_min = 0, .saved_max = 10}, clock);
  int granted = 0;
  for (int i = 0; i < 1'000; ++i) granted += budget.withdraw() ? 1 : 0;
  CHECK(granted == 10);
  for (int i = 0; i < 1'000; ++i) {
    budget.deposit();
    granted += budget.withdraw() ? 1 : 0;
  }
  CHECK(granted == 10 + 200);
}

TEST_CASE("retry budget: good times are saved up to a limit, and time alone gives a few") {
  ManualClock clock;
  RetryBudget budget({.percent = 20, .per_second_min = 2, .saved_max = 10}, clock);
  for (int i = 0; i < 10'000; ++i) budget.deposit();
  int granted = 0;
  while (budget.withdraw()) ++granted;
  CHECK(granted <= 11);
  clock.advance(milliseconds(499));
  CHECK_FALSE(budget.withdraw());
  clock.advance(seconds(1));
  CHECK(budget.withdraw());
  clock.advance(std::chrono::hours(1));
  for (granted = 0; budget.withdraw();) ++granted;
  CHECK(granted == 10);
}

TEST_CASE("adaptive limit: falls to what was in flight, once for each burst of signs, and rises when felt") {
  ManualClock clock;
  AdaptiveLimit limit({.min = 4, .max = 1'000, .keep_percent = 50}, clock);
  limit.overloaded(100);
  CHECK(limit.limit() == 50);
  limit.overloaded(50);
  CHECK(limit.limit() == 50);
  clock.advance(seconds(1));
  limit.overloaded(50);
  CHECK(limit.limit() == 25);
  for (int i = 0; i < 1'000; ++i) limit.succeeded(3);
  CHECK(limit.limit() == 25);  // idle proves nothing
  for (int i = 0; i < 25; ++i) limit.succeeded(25);
  CHECK(limit.limit() == 26);
  for (int i = 0; i < 20; ++i) {
    clock.advance(seconds(1));
    limit.overloaded(1);
  }
  CHECK(limit.limit() == 4);
}

// An upstream that takes 40 at once and answers everything beyond with 429: the limit settles around it.
TEST_CASE("adaptive limit: finds the room that there is") {
  ManualClock clock;
  AdaptiveLimit limit({.max = 500}, clock);
  std::uint64_t refused = 0;
  std::uint64_t answered = 0;
  for (int tick = 0; tick < 3'000; ++tick) {  // each 100 ms, everybody who may asks once
    clock.advance(milliseconds(100));
    const std::uint32_t in_flight = limit.limit();
    for (std::uint32_t i = 0; i < in_flight; ++i) {
      if (i < 40) {
        limit.succeeded(in_flight);
        if (tick > 300) ++answered;
      } else {
        limit.overloaded(in_flight);
        if (tick > 300) ++refused;
      }
    }
  }
  CHECK(limit.limit() >= 25);
  CHECK(limit.limit() <= 60);
  CHECK(refused * 5 < answered);
}

TEST_CASE("failure classes: who fails over, who trips, who cools") {
  struct Case {
    int status;
    Code code;
    bool over, trips, cooled;
  };
  for (const auto& [status, code, over, trips, cooled] :
       {Case{200, Code::internal, false, false, false}, Case{400, Code::internal, false, false, false},
        Case{413, Code::internal, false, false, false}, Case{401, Code::internal, true, false, true},
        Case{403, Code::internal, true, false, true}, Case{404, Code::internal, true, false, true},
        Case{408, Code::internal, true, true, false}, Case{429, Code::internal, true, false, true},
        Case{500, Code::internal, true, true, false}, Case{529, Code::internal, true, true, false},
        Case{0, Code::upstream_failed, true, true, false}, Case{0, Code::timed_out, true, true, false},
        Case{0, Code::unavailable, true, true, true}, Case{0, Code::cancelled, false, false, false},
        Case{0, Code::invalid_request, false, false, false}}) {
    CAPTURE(status);
    const FailureClass failure = failure_class(status, code);
    CHECK(fails_over(failure) == over);
    CHECK(trips_breaker(failure) == trips);
    CHECK(cools(failure) == cooled);
  }
}

}  // namespace weir::model

// Two random choices, and where a session's cache is warm.
#include "model/resilience/choice.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "model/resilience/affinity.h"

namespace weir::model {

using std::chrono::seconds;

TEST_CASE("choice: the less loaded of two, and nobody is starved") {
  SeededRandom random(3);
  const std::array<Candidate, 3> candidates{Candidate{.cost = 1}, Candidate{.cost = 5}, Candidate{.cost = 2}};
  std::array<int, 3> chosen{};
  for (int i = 0; i < 3'000; ++i) ++chosen[choose(candidates, -1, random)];
  CHECK(chosen[0] > chosen[2]);
  CHECK(chosen[1] == 0);  // the dearest loses each pair
  CHECK(chosen[2] > 500);
}

TEST_CASE("choice: weights are shares while the cost is equal") {
  SeededRandom random(4);
  const std::array<Candidate, 2> candidates{Candidate{.cost = 1, .weight = 3},
                                            Candidate{.cost = 1, .weight = 1}};
  int first = 0;
  for (int i = 0; i < 10'000; ++i) first += choose(candidates, -1, random) == 0 ? 1 : 0;
  CHECK(std::abs(first - 7'500) < 300);
}

TEST_CASE("choice: a warm cache holds until leaving it is worth its price") {
  SeededRandom random(5);
  std::array<Candidate, 2> candidates{Candidate{.cost = 4}, Candidate{.cost = 1 + 5}};  // 5 s to leave
  for (int i = 0; i < 100; ++i) CHECK(choose(candidates, 0, random) == 0);
  candidates[0].cost = 9;
  for (int i = 0; i < 100; ++i) CHECK(choose(candidates, 0, random) == 1);
}

TEST_CASE("choice: load follows latency and what is in flight") {
  Load load;
  for (int i = 0; i < 100; ++i) load.answered_after(seconds(2), seconds(100));
  CHECK(load.expected_s(seconds(100)) == doctest::Approx(2.0).epsilon(0.05));
  CHECK(load.expected_s(seconds(110)) == doctest::Approx(1.0).epsilon(0.05));
  {
    const LoadGuard one(load);
    LoadGuard two(load);
    const LoadGuard moved(std::move(two));
    CHECK(load.in_flight() == 2);
    CHECK(load.expected_s(seconds(100)) > 2.3);
  }
  CHECK(load.in_flight() == 0);
}

TEST_CASE("affinity: a session by its header, its user, or the beginning of a long prompt") {
  UpstreamCall call;
  CHECK(session_of(call) == 0);
  call.body = std::string(3'000, 'a');
  const SessionKey prefix = session_of(call);
  CHECK(prefix != 0);
  call.body += "a later turn";
  CHECK(session_of(call) == prefix);
  call.body[100] = 'b';
  CHECK(session_of(call) != prefix);
  call.facts.user = "user-1";
  const SessionKey user = session_of(call);
  call.headers.add("x-claude-code-session-id", "s-1");
  const SessionKey session = session_of(call);
  CHECK(session != user);
  call.who.tenant = "other";
  CHECK(session_of(call) != session);
}

TEST_CASE("affinity: remembers for as long as the cache is warm, and no more sessions than it may") {
  ManualClock clock;
  Affinity affinity({.sessions_max = 160}, clock);
  affinity.remember(7, {.target = 3, .cached_tokens = 9'000}, seconds(300));
  REQUIRE(affinity.find(7));
  CHECK(affinity.find(7)->target == 3);
  clock.advance(seconds(301));
  CHECK_FALSE(affinity.find(7));
  affinity.remember(7, {.target = 4, .cached_tokens = 1}, seconds(300));
  affinity.remember(7, {}, seconds(300));
  CHECK_FALSE(affinity.find(7));
  for (SessionKey session = 1; session <= 10'000; ++session) {
    affinity.remember(session, {.target = 1, .cached_tokens = 1}, seconds(300));
  }
  CHECK(affinity.size() == 160);
  CHECK(affinity.find(10'000));
  CHECK_FALSE(affinity.find(1));
}

}  // namespace weir::model

#include "observe/health.h"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::observe;

TEST_CASE("a failed required check and draining each make it not ready") {
  ManualClock clock;
  Health health(clock);
  CHECK(health.ready());
  health.report("anthropic", HealthState::failed, "no answer", false);
  CHECK(health.ready());
  health.report("database", HealthState::failed, "disk full", true);
  CHECK_FALSE(health.ready());
  health.report("database", HealthState::degraded, "slow", true);
  CHECK(health.ready());
  health.start_draining();
  CHECK(health.draining());
  CHECK_FALSE(health.ready());
}

TEST_CASE("checks come sorted by name, each with the time of its last report") {
  ManualClock clock;
  Health health(clock);
  health.report("database", HealthState::ok, "", true);
  clock.advance(std::chrono::seconds(90));
  health.report("anthropic", HealthState::not_configured, "no key", false);
  const auto checks = health.checks();
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].name == "anthropic");
  CHECK(to_string(checks[0].state) == "not_configured");
  CHECK(checks[0].checked_at == clock.wall());
  CHECK(checks[1].checked_at == clock.wall() - std::chrono::seconds(90));
  CHECK(health.uptime_s() == doctest::Approx(90));
}

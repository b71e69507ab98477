// Many calls over virtual time: what the clients see, and what the providers get.
#include <doctest/doctest.h>

#include <map>

#include "model_world.h"

namespace weir::model {
namespace {

using namespace fakes;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Fleet : World {
  Fleet() {
    config.anthropic.api_key = Secret();
    for (const std::string_view name : {"a", "b", "c"}) {
      ProviderConfig& provider = config.providers.emplace_back();
      provider.name = name;
      provider.kind = "anthropic";
      provider.base_url = "http://" + provider.name;
      provider.api_key = Secret("k");
    }
  }

  // One call after another, `every` apart; true: the client got a whole answer.
  Task<std::vector<bool>> calls(int count, std::chrono::nanoseconds every) {
    std::vector<bool> good;
    for (int i = 0; i < count; ++i) {
      clock.advance(every);
      UpstreamCall its_call = call();
      Read read = co_await read_whole(*gateway, std::move(its_call));
      good.push_back(!read.error && !read.body_error && read.status == 200);
    }
    co_return good;
  }
};

}  // namespace

TEST_CASE("simulation: one of three providers fails every other time, and the clients do not notice") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Fleet fleet;
    SeededRandom chance(seed);
    const std::string ill(1, "abc"[seed - 1]);
    fleet.client.answer_of = [&](const net::Origin& origin) {
      if (origin.host != ill || chance.next_unit() < 0.5) return stream({kStart, kEnd});
      return chance.next_unit() < 0.5 ? json(529, "{}") : refused();
    };
    fleet.start();
    const auto good = fakes::run(fleet.context, fleet.calls(10'000, milliseconds(5)));
    const auto failures = std::ranges::count(good, false);
    MESSAGE("seed " << seed << ": " << failures << " failures, " << fleet.client.asked.size()
                    << " tries of 10000 calls");
    CHECK(failures < 10);
    CHECK(fleet.client.asked.size() <= 12'000);
    CHECK(fleet.client.open == 0);
  }
}

TEST_CASE("simulation: an outage of all for a minute, no storm, and normal within five seconds") {
  Fleet fleet;
  const Monotonic began_at = fleet.clock.monotonic();
  const auto second = [&] { return (fleet.clock.monotonic() - began_at) / seconds(1); };
  std::map<std::int64_t, int> tries;
  fleet.client.answer_of = [&](const net::Origin&) {
    ++tries[second()];
    return second() >= 10 && second() < 70 ? json(529, "{}") : stream({kStart, kEnd});
  };
  fleet.start();
  const auto good = fakes::run(fleet.context, fleet.calls(9'000, milliseconds(10)));
  int during = 0;
  int most = 0;
  for (const auto& [at, count] : tries) {
    if (at >= 10 && at < 70) during += count;
    most = std::max(most, count);
  }
  MESSAGE(during << " tries for 6000 calls during the outage, at most " << most << " in a second");
  CHECK(most <= 200);      // 100 calls a second, before the breakers see it
  CHECK(during <= 1'200);  // a fifth of the calls
  for (std::size_t i = 0; i < 900; ++i) CHECK(good[i]);
  CHECK(std::ranges::count(std::vector<bool>(good.begin() + 7'500, good.end()), false) == 0);
}

}  // namespace weir::model

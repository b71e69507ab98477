// A selftest is worth what it notices: every way in which a gateway could spoil an exchange.
#include <doctest/doctest.h>

#include "ops/selftest/runner.h"

namespace weir::ops::selftest {
namespace {

struct World {
  const data::Cassette& cassette(std::string_view name) const {
    const auto found = std::ranges::find(cassettes, name, &data::Cassette::name);
    REQUIRE((found != cassettes.end()));
    return *found;
  }
  // What a faultless gateway would show.
  Observed faultless(const data::Cassette& one) const {
    const Expectation expected = expect(one, prices, now);
    return {.status = one.response.status,
            .body = one.response.body,
            .priced = expected.metered && one.response.status < 400,
            .usage = expected.usage,
            .cost_usd = expected.cost.to_string()};
  }
  std::vector<std::string> judge(std::string_view name, const Observed& observed) const {
    const data::Cassette& one = cassette(name);
    return differences(one, expect(one, prices, now), observed);
  }

  const std::vector<data::Cassette> cassettes = builtin_cassettes();
  const model::Prices prices = model::Prices::builtin();
  const WallTime now = std::chrono::seconds(1'790'000'000);
};

TEST_CASE("a faultless gateway has no differences") {
  const World world;
  for (const data::Cassette& one : world.cassettes) {
    CAPTURE(one.name);
    CHECK(world.judge(one.name, world.faultless(one)).empty());
  }
}

TEST_CASE("every spoiled byte, status, count and cost is noticed") {
  const World world;
  for (const std::string_view name : {"messages", "messages-stream", "chat", "chat-stream", "embeddings"}) {
    CAPTURE(name);
    const Observed good = world.faultless(world.cassette(name));
    for (std::size_t i = 0; i < good.body.size(); i += 37) {
      Observed spoiled = good;
      spoiled.body[i] = static_cast<char>(spoiled.body[i] ^ 1);
      REQUIRE(world.judge(name, spoiled).size() == 1);
    }
    Observed shorter = good;
    shorter.body.pop_back();
    CHECK(world.judge(name, shorter).size() == 1);
    Observed longer = good;
    longer.body += '\n';
    CHECK(world.judge(name, longer).size() == 1);
    Observed other = good;
    other.status = 201;
    CHECK(world.judge(name, other) == std::vector<std::string>{"status 201 instead of 200"});
    Observed dearer = good;
    dearer.cost_usd = "1";
    CHECK(world.judge(name, dearer).size() == 1);
    Observed miscounted = good;
    ++miscounted.usage.input_tokens;
    CHECK(world.judge(name, miscounted).size() == 2);  // by the meter and by the provider's word
    Observed unpriced = good;
    unpriced.priced = false;
    CHECK(world.judge(name, unpriced) == std::vector<std::string>{"the gateway tells no price"});
  }
}

TEST_CASE("behind a cut stream there may be an error, and before its cut nothing else") {
  const World world;
  Observed observed = world.faultless(world.cassette("messages-stream-cut"));
  observed.body += "event: error\ndata: {}\n\n";
  CHECK(world.judge("messages-stream-cut", observed).empty());
  observed.body[30] = '!';
  CHECK(world.judge("messages-stream-cut", observed).size() == 1);
}

TEST_CASE("what no gateway has a route for is left out with the reason") {
  data::Cassette cassette{.name = "x"};
  const model::Prices prices = model::Prices::builtin();
  CHECK(expect(cassette, prices, {}).unsendable == "the recorder kept no request");
  cassette.request = {.method = "POST", .path = "/v1/files"};
  CHECK_FALSE(expect(cassette, prices, {}).dialect);
  cassette.request.path = "/v1/messages";
  CHECK(expect(cassette, prices, {}).unsendable == "the request has no body");
}

}  // namespace
}  // namespace weir::ops::selftest

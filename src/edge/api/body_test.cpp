#include "edge/api/body.h"

#include <doctest/doctest.h>

#include "edge/outlet.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

// One request that holds of a budget what it has read.
struct Reading {
  Reading(BodyBudget& budget, std::vector<std::string> pieces)
      : body(std::move(pieces)), exchange(request, out, BodyPass(budget)) {}
  Result<std::string> read(std::size_t size_max = 1'000) { return test::run(read_body(exchange, size_max)); }

  test::PiecesBody body;
  net::Request request = test::request_of("POST", "/v1/messages", body, true);
  test::CapturedResponse captured;
  Outlet out{captured, "", true};
  Exchange exchange;
};

TEST_CASE("bodies take of one budget until they are released") {
  BodyBudget budget(100);
  {
    Reading first(budget, {std::string(40, 'a'), std::string(20, 'b')});
    CHECK(first.read()->size() == 60);
    CHECK(budget.used() == 60);

    Reading second(budget, {std::string(40, 'a'), std::string(1, 'b')});
    const auto refused = second.read();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::overloaded);
    CHECK(refused.error().retry_after_ms > 0);
    CHECK(budget.used() == 100);  // the second's first piece is held to its end

    first.exchange.body_pass.release();
    CHECK(budget.used() == 40);
  }
  CHECK(budget.used() == 0);
  Reading third(budget, {std::string(100, 'a')});
  CHECK(third.read().has_value());
}

TEST_CASE("a body that is too large takes nothing beyond its limit") {
  BodyBudget budget(1'000);
  Reading reading(budget, {std::string(40, 'a'), std::string(40, 'b')});
  CHECK(reading.read(60).error().code == Code::too_large);
  CHECK(budget.used() == 40);
}

}  // namespace
}  // namespace weir::edge

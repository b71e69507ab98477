#include "edge/api/query.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

TEST_CASE("parameters are decoded, the first of a name counts") {
  CHECK(query_value("title=Caf%C3%A9+menu&title=x", "title") == "Café menu");
  CHECK(query_value("a&b=", "a") == "");
  CHECK(query_value("a&b=", "b") == "");
  CHECK(query_value("a=1", "b") == std::nullopt);
  CHECK(query_value("", "a") == std::nullopt);
  CHECK(query_value("a=%", "a") == "%");
  CHECK(query_value("a=%4", "a") == "%4");
  CHECK(query_value("a=%zz", "a") == "%zz");
  CHECK(query_value("a=%41", "a") == "A");
}

TEST_CASE("a number has bounds, and its error names it") {
  CHECK(query_number("limit=7", "limit", 1, 10, 5) == 7u);
  CHECK(query_number("", "limit", 1, 10, 5) == 5u);
  for (const std::string_view wrong :
       {"limit=0", "limit=11", "limit=x", "limit=", "limit=-1", "limit=99999999999999999999"}) {
    const auto refused = query_number(wrong, "limit", 1, 10, 5);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().field == "limit");
  }
}

}  // namespace
}  // namespace weir::edge

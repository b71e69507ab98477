#include "edge/policies/static_keys.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

TEST_CASE("a configured key is known by its hash") {
  const StaticKeys keys({Secret("sk-one"), Secret("sk-two"), Secret("")});
  const auto one = keys.verify("sk-one");
  REQUIRE(one.has_value());
  CHECK(one->key_id.starts_with("static:"));
  CHECK(one->key_id.size() == 15);
  CHECK_FALSE(one->key_id.contains("sk-"));
  CHECK(keys.verify("sk-two")->key_id != one->key_id);
  CHECK_FALSE(keys.verify("sk-on").has_value());
  CHECK_FALSE(keys.verify("").has_value());
  CHECK(StaticKeys({}).empty());
}

}  // namespace
}  // namespace weir::edge

#include "base/error.h"

#include <doctest/doctest.h>

#include <set>

using namespace weir;

TEST_CASE("every code has a wire name of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::gone); ++code) {
    CHECK(names.insert(to_string(static_cast<Code>(code))).second);
  }
  CHECK(names.contains("rate_limited"));
}

TEST_CASE("an error travels from one result to another whole") {
  Result<int> first = fail(Code::too_large, "the body is too large", "send less");
  first.error().field = "body";
  const auto hand_on = [&]() -> Result<std::string> { return fail(first); };
  const auto second = hand_on();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::too_large);
  CHECK(second.error().message == "the body is too large");
  CHECK(second.error().hint == "send less");
  CHECK(second.error().field == "body");
}

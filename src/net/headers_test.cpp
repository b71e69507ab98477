#include "net/headers.h"

#include <doctest/doctest.h>

namespace weir::net {

TEST_CASE("many fields keep their text, and take no more of it than they have") {
  Headers headers;
  for (int i = 0; i < 200; ++i) headers.add("X-Name-" + std::to_string(i), "value " + std::to_string(i));
  CHECK(headers.size() == 200);
  for (int i = 0; i < 200; ++i) {
    CHECK(headers.get("x-name-" + std::to_string(i)) == "value " + std::to_string(i));
  }
  // Neighbours in one buffer: nothing lies between the value of a field and the name of the next.
  for (std::size_t i = 0; i + 1 < headers.size(); ++i) {
    CHECK(headers[i].value.data() + headers[i].value.size() == headers[i + 1].name.data());
  }
}

TEST_CASE("a field is set, removed and joined by its name, which is kept in lower case") {
  Headers headers{{"Vary", "a"}, {"X", "1"}, {"vary", "b"}};
  CHECK(headers.joined("vary") == "a, b");
  CHECK(headers.count("vary") == 2);
  headers.set("x", headers.get("x"));  // a view into itself
  CHECK(headers.get("x") == "1");
  CHECK(headers.remove("vary"));
  CHECK(!headers.remove("vary"));
  CHECK(headers.size() == 1);
}

TEST_CASE("fields that cannot be sent are found, but for those that a parser vouches for") {
  Headers headers{{"a", "1"}};
  headers.add_valid("B", "2");
  CHECK_FALSE(headers.first_invalid().has_value());
  CHECK(headers.get("b") == "2");
  Headers others;
  others.append(headers);
  others.add("c", "3\r\n");
  REQUIRE(others.first_invalid().has_value());
  CHECK(others.first_invalid()->name == "c");
  others.set("c", "3");
  CHECK_FALSE(others.first_invalid().has_value());
  others.add("c d", "4");
  CHECK(others.first_invalid()->value == "4");
}

}  // namespace weir::net

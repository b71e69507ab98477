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

}  // namespace weir::net

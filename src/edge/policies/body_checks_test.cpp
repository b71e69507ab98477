#include "edge/policies/body_checks.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

TEST_CASE("JSON is application/json or +json, in UTF-8") {
  for (const std::string_view type : {"application/json", "Application/JSON; charset=UTF-8",
                                      "application/json;charset=\"utf-8\"", "application/vnd.weir+json"}) {
    CAPTURE(type);
    CHECK(is_json_type(type));
  }
  for (const std::string_view type : {"", "text/json", "text/plain", "application/json; charset=latin1",
                                      "application/jsonx", "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    CHECK_FALSE(is_json_type(type));
  }
}

}  // namespace
}  // namespace weir::edge

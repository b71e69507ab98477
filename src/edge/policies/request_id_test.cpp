#include "edge/policies/request_id.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

constexpr std::string_view kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_CASE("a sane traceparent is joined") {
  const auto context = parse_traceparent(kGood);
  REQUIRE(context.has_value());
  CHECK(context->trace() == "0af7651916cd43dd8448eb211c80319c");
  CHECK(std::string_view(context->parent_id.data(), 16) == "b7ad6b7169203331");
  CHECK(context->sampled);
  CHECK_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")->sampled);
  CHECK(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later").has_value());
}

TEST_CASE("anything else begins a new trace") {
  for (const std::string_view text : {"", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                                      "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
                                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                                      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_traceparent(text).has_value());
  }
}

}  // namespace
}  // namespace weir::edge

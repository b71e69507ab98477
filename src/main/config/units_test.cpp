#include "main/config/units.h"

#include <doctest/doctest.h>

using namespace weir::main;
using std::chrono::milliseconds;

TEST_CASE("durations are a whole number and a unit") {
  CHECK(parse_duration("250ms") == milliseconds(250));
  CHECK(parse_duration("10s") == milliseconds(10'000));
  CHECK(parse_duration("15m") == milliseconds(900'000));
  CHECK(parse_duration("2h") == milliseconds(7'200'000));
  CHECK(parse_duration("90d") == milliseconds(7'776'000'000));
  CHECK(parse_duration("0") == milliseconds(0));
  for (const char* wrong : {"", "10", "s", "1.5s", "-1s", "10 s", "10S", "10sec", "99999999999999999d"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
}

TEST_CASE("durations and sizes are written in the largest exact unit, and read back") {
  CHECK(format_duration(milliseconds(900'000)) == "15m");
  CHECK(format_duration(milliseconds(90'000)) == "90s");
  CHECK(format_duration(milliseconds(0)) == "0ms");
  CHECK(format_size(16 << 20) == "16MiB");
  CHECK(format_size(1'000) == "1000B");
  for (const std::int64_t ms : {1L, 999L, 60'000L, 86'400'000L, 86'400'001L}) {
    CHECK(parse_duration(format_duration(milliseconds(ms))) == milliseconds(ms));
    CHECK(parse_size(format_size(ms)) == ms);
  }
}

TEST_CASE("sizes are binary") {
  CHECK(parse_size("512B") == 512);
  CHECK(parse_size("64KiB") == 65'536);
  CHECK(parse_size("1GiB") == 1'073'741'824);
  for (const char* wrong : {"16MB", "16M", "1.5MiB", "9999999999GiB"}) CHECK_FALSE(parse_size(wrong));
}

TEST_CASE("rates are requests per window") {
  const auto rate = parse_rate("100/15m");
  REQUIRE(rate);
  CHECK(rate->count == 100);
  CHECK(rate->window == std::chrono::minutes(15));
  CHECK(format_rate(*rate) == "100/15m");
  for (const char* wrong : {"100", "0/15m", "-1/15m", "100/0s", "100/500ms", "100/1500ms", "100/", "/15m", "5000000000/1s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_rate(wrong));
  }
}

TEST_CASE("addresses to listen on are numeric, with a port") {
  CHECK(parse_endpoint("127.0.0.1:8080")->port == 8080);
  CHECK(parse_endpoint("localhost:0")->address == "127.0.0.1");
  CHECK(parse_endpoint("[::1]:443")->address == "::1");
  CHECK(format_endpoint("::1", 443) == "[::1]:443");
  CHECK(format_endpoint("10.0.0.1", 80) == "10.0.0.1:80");
  for (const char* wrong : {"8080", ":8080", "::1:443", "[127.0.0.1]:1", "127.0.0.1:65536", "127.0.0.1:-1", "example.com:80",
                            "127.0.0.1:", ""}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_endpoint(wrong));
  }
}

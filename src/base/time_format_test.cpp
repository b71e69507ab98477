#include "base/time_format.h"

#include <doctest/doctest.h>

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("instants are written in UTC, to the millisecond or nanosecond") {
  const WallTime time = 1'790'000'000s + 45'006'007ns;
  CHECK(to_rfc3339(time) == "2026-09-21T14:13:20.045Z");
  CHECK(to_rfc3339_nanos(time) == "2026-09-21T14:13:20.045006007Z");
  CHECK(to_rfc3339(0s) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(-1ms) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("HTTP dates are IMF-fixdate: RFC 9110 §5.6.7's example") {
  CHECK(to_http_date(784'111'777s) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777s);
  for (const char* wrong :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_http_date(wrong));
  }
}

TEST_CASE("RFC 3339 with fractions and offsets") {
  CHECK(parse_rfc3339("1985-04-12T23:20:50.52Z") == 482'196'050s + 520ms);
  CHECK(parse_rfc3339("1996-12-19T16:39:57-08:00") == parse_rfc3339("1996-12-20T00:39:57Z"));
  CHECK(parse_rfc3339("1970-01-01t00:00:00z") == 0s);
  CHECK(parse_rfc3339("1990-12-31T23:59:60Z") == parse_rfc3339("1991-01-01T00:00:00Z"));
  CHECK(parse_rfc3339("2026-01-01T00:00:00.1234567891Z") == parse_rfc3339("2026-01-01T00:00:00.123456789Z"));
  for (const char* wrong : {"", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z",
                            "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01x00:00:00Z",
                            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00+24:00",
                            "2026-01-01T00:60:00Z", "2026-01-01T-1:00:00Z", "2026-01-01T00:00:00ZZ"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_rfc3339(wrong));
  }
}

TEST_CASE("what is written is read back") {
  for (const WallTime time :
       {WallTime(0), WallTime(1'790'000'000'123'456'789), WallTime(4'102'444'799'999'999'999)}) {
    CHECK(parse_rfc3339(to_rfc3339_nanos(time)) == time);
  }
}

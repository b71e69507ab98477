#include "edge/outlet.h"

#include <doctest/doctest.h>

#include "edge_fakes.h"

namespace weir::edge {
namespace {

TEST_CASE("every answer carries the security headers and what the policies added") {
  test::CapturedResponse inner;
  Outlet out(inner, "", true);
  out.extra().add("x-request-id", "req_1");
  net::Response response;
  response.headers.add("x-request-id", "forged by a provider");
  response.body = "{}";
  REQUIRE(test::run(out.send(std::move(response))).has_value());
  CHECK(inner.headers.get("x-request-id") == "req_1");
  CHECK(inner.headers.count("x-request-id") == 1);
  CHECK(inner.headers.get("x-content-type-options") == "nosniff");
  CHECK(inner.headers.get("x-frame-options") == "DENY");
  CHECK(inner.headers.get("strict-transport-security") == "max-age=31536000; includeSubDomains");
  CHECK(inner.headers.get("x-dns-prefetch-control") == "off");
  CHECK(inner.headers.get("referrer-policy") == "no-referrer");
  CHECK(inner.headers.get("x-xss-protection") == "0");
  CHECK(inner.headers.get("cache-control") == "no-store");
  CHECK(inner.headers.get("content-security-policy") == kApiContentSecurityPolicy);
  CHECK(out.status() == 200);
  CHECK(out.bytes() == 2);
}

TEST_CASE("a streamed answer too, and its handler's cache-control stays") {
  test::CapturedResponse inner;
  Outlet out(inner, "gzip", false);
  out.extra().add("vary", "Origin");
  net::ResponseHead head;
  head.headers.add("cache-control", "no-cache, no-transform");
  head.headers.add("vary", "Accept");
  REQUIRE(test::run(out.start(std::move(head), -1)).has_value());
  REQUIRE(test::run(out.write("data: 1\n\n")).has_value());
  CHECK(inner.headers.get("cache-control") == "no-cache, no-transform");
  CHECK(inner.headers.joined("vary") == "Accept, Origin");
  CHECK_FALSE(inner.headers.contains("strict-transport-security"));
  CHECK_FALSE(inner.headers.contains("content-encoding"));
  CHECK(out.bytes() == 9);
}

}  // namespace
}  // namespace weir::edge

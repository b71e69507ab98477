#include "edge/policies/client_address.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

std::string client(std::string_view peer, std::string_view forwarded, std::vector<std::string_view> trusted) {
  std::vector<Cidr> networks;
  for (const auto text : trusted) networks.push_back(*Cidr::parse(text));
  return client_behind(*IpAddress::parse(peer), forwarded, networks).to_string();
}

TEST_CASE("nobody is believed by default") {
  CHECK(client("192.0.2.1", "10.9.9.9", {}) == "192.0.2.1");
  CHECK(client("192.0.2.1", "10.9.9.9", {"10.0.0.0/8"}) == "192.0.2.1");
}

TEST_CASE("what the trusted proxies appended is walked from the right to the first stranger") {
  CHECK(client("10.0.0.1", "198.51.100.7", {"10.0.0.0/8"}) == "198.51.100.7");
  CHECK(client("10.0.0.1", "1.1.1.1, 198.51.100.7", {"10.0.0.0/8"}) == "198.51.100.7");
  CHECK(client("10.0.0.1", "1.1.1.1, 198.51.100.7 , 10.2.3.4", {"10.0.0.0/8"}) == "198.51.100.7");
  CHECK(client("10.0.0.1", "10.5.5.5, 10.2.3.4", {"10.0.0.0/8"}) == "10.5.5.5");
  CHECK(client("::1", "[2001:db8::7]:4711, 10.2.3.4:80", {"::1", "10.0.0.0/8"}) == "2001:db8::7");
}

TEST_CASE("a malformed element makes the field worthless, but only when it is reached") {
  for (const std::string_view forwarded :
       {"unknown", "198.51.100.7, ", "10.2.3.4, bad, 10.2.3.4", ",", "1.2.3.4:", "1.2.3.4:x", "[1.2.3.4]",
        "[::1", "[::1]x", "1.2.3.4.5", "\"1.2.3.4\""}) {
    CAPTURE(forwarded);
    CHECK(client("10.0.0.1", forwarded, {"10.0.0.0/8"}) == "10.0.0.1");
  }
  CHECK(client("10.0.0.1", "bad, 198.51.100.7", {"10.0.0.0/8"}) == "198.51.100.7");
  CHECK(client("10.0.0.1", "", {"10.0.0.0/8"}) == "10.0.0.1");
}

}  // namespace
}  // namespace weir::edge

#include "net/address_guard.h"

#include <doctest/doctest.h>

namespace weir::net {
namespace {

TEST_CASE("addresses of one's own are refused in every spelling") {
  for (const std::string_view text : {"0.0.0.0",
                                      "10.1.2.3",
                                      "100.64.0.1",
                                      "127.0.0.1",
                                      "127.255.255.254",
                                      "169.254.169.254",
                                      "169.254.170.2",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.0.0.192",
                                      "192.0.2.1",
                                      "192.88.99.1",
                                      "192.168.1.1",
                                      "198.18.0.1",
                                      "198.51.100.7",
                                      "203.0.113.9",
                                      "224.0.0.1",
                                      "239.1.1.1",
                                      "240.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "::1",
                                      "fe80::1",
                                      "fc00::1",
                                      "fd00:ec2::254",
                                      "ff02::1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:a9fe:a9fe",
                                      "64:ff9b::7f00:1",
                                      "64:ff9b:1::1",
                                      "2002:7f00:1::",
                                      "2001::1",
                                      "2001:db8::1",
                                      "::127.0.0.1",
                                      "100::1"}) {
    const auto address = IpAddress::parse(text);
    REQUIRE_MESSAGE(address.has_value(), text);
    CHECK_MESSAGE(!is_public_address(*address), text);
  }
}

TEST_CASE("addresses of the world are not") {
  for (const std::string_view text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1",
        "198.20.0.1", "223.255.255.1", "2606:4700::1111", "2a00:1450::1"}) {
    const auto address = IpAddress::parse(text);
    REQUIRE_MESSAGE(address.has_value(), text);
    CHECK_MESSAGE(is_public_address(*address), text);
  }
}

}  // namespace
}  // namespace weir::net

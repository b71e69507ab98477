#include "base/ip.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("addresses in their usual spellings, and no others") {
  CHECK(IpAddress::parse("127.0.0.1")->to_string() == "127.0.0.1");
  CHECK(IpAddress::parse("2001:DB8:0:0::1")->to_string() == "2001:db8::1");
  CHECK(IpAddress::parse("::ffff:10.0.0.1") == IpAddress::parse("10.0.0.1"));
  for (const std::string_view wrong :
       {std::string_view(""), std::string_view("1.2.3"), std::string_view("1.2.3.256"),
        std::string_view("01.2.3.4"), std::string_view("[::1]"), std::string_view("::1%eth0"),
        std::string_view("1.2.3.4:80"), std::string_view(" 1.2.3.4"), std::string_view("1.2.3.4\0x", 9)}) {
    CAPTURE(wrong);
    CHECK_FALSE(IpAddress::parse(wrong));
  }
}

TEST_CASE("loopback is 127/8 and ::1") {
  CHECK(IpAddress::parse("127.9.9.9")->is_loopback());
  CHECK(IpAddress::parse("::1")->is_loopback());
  CHECK(IpAddress::parse("::ffff:127.0.0.1")->is_loopback());
  CHECK_FALSE(IpAddress::parse("::")->is_loopback());
  CHECK_FALSE(IpAddress::parse("0.0.0.0")->is_loopback());
  CHECK_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
}

TEST_CASE("networks contain what their prefix says") {
  const auto ten = Cidr::parse("10.0.0.0/9");
  REQUIRE(ten);
  CHECK(ten->contains(*IpAddress::parse("10.127.255.255")));
  CHECK_FALSE(ten->contains(*IpAddress::parse("10.128.0.0")));
  CHECK_FALSE(ten->contains(*IpAddress::parse("fd00::1")));
  CHECK(Cidr::parse("fd00::/8")->contains(*IpAddress::parse("fdff::1")));
  CHECK(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("8.8.8.8")));
  CHECK_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("2001:db8::1")));
  CHECK(Cidr::parse("::/0")->contains(*IpAddress::parse("8.8.8.8")));
  CHECK(Cidr::parse("192.0.2.7")->to_string() == "192.0.2.7/32");
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/x", "/8", "fd00::/129"}) {
    CHECK_FALSE(Cidr::parse(wrong));
  }
}

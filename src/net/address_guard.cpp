#include "net/address_guard.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace weir::net {
namespace {

Cidr network(std::string_view text) {
  const auto parsed = Cidr::parse(text);
  WEIR_ASSERT(parsed.has_value());
  return *parsed;
}

}  // namespace

bool is_public_address(const IpAddress& address) {
  static const std::array kClosedV4 = {
      network("0.0.0.0/8"),      network("10.0.0.0/8"),     network("100.64.0.0/10"),
      network("127.0.0.0/8"),    network("169.254.0.0/16"), network("172.16.0.0/12"),
      network("192.0.0.0/24"),   network("192.0.2.0/24"),   network("192.88.99.0/24"),
      network("192.168.0.0/16"), network("198.18.0.0/15"),  network("198.51.100.0/24"),
      network("203.0.113.0/24"), network("224.0.0.0/4"),    network("240.0.0.0/4"),
  };
  // Of IPv6, only global unicast is given out; 2001::/23 holds Teredo, 2002::/16 is 6to4.
  static const Cidr kGlobalV6 = network("2000::/3");
  static const std::array kClosedV6 = {network("2001::/23"), network("2001:db8::/32"), network("2002::/16"),
                                       network("3fff::/20")};
  const auto holds = [&](const Cidr& one) { return one.contains(address); };
  if (address.is_v4()) return std::ranges::none_of(kClosedV4, holds);
  return kGlobalV6.contains(address) && std::ranges::none_of(kClosedV6, holds);
}

}  // namespace weir::net

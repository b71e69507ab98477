// net/address_guard.h: which addresses the world can be reached at, for requests whose URL a stranger chose.
#pragma once

#include "base/ip.h"

namespace weir::net {

// False for everything that is, or can stand for, a machine of our own: private, loopback, link-local (with
// the clouds' metadata services), carrier-grade NAT, unique local, multicast, reserved and documentation
// addresses (RFC 6890 and IANA's special-purpose registries), IPv4 ones also as mapped, 6to4, NAT64 or
// Teredo addresses.
bool is_public_address(const IpAddress& address);

}  // namespace weir::net

// net/probe/port.h: whether an address can be listened on.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace weir::net {

// Listens there and lets go again. Errors: conflict (somebody else listens), permission_denied,
// invalid_request (no address of this machine), internal.
Result<> try_listen(const std::string& address, std::uint16_t port);

}  // namespace weir::net

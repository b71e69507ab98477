// net/guarded_client.h: a client for URLs that strangers choose: it asks before it connects to an address.
#pragma once

#include <functional>
#include <memory>

#include "base/ip.h"
#include "net/client.h"

namespace weir::net {

using MayConnect = std::function<bool(const Origin& origin, const IpAddress& address)>;

// Asked of each address before a connection to it. What it refuses is not connected to (invalid_request when
// nothing is left), and looked-up names are no way around it: the address that was asked is the one that is
// used.
std::unique_ptr<HttpClient> guarded_client(ClientConfig config, MayConnect may_connect, WorkerPool& dns_pool,
                                           observe::Log& log, observe::Metrics& metrics);

}  // namespace weir::net

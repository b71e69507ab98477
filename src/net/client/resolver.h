// net/client/resolver.h: the addresses of a host.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "net/worker_pool.h"

namespace weir::net {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

constexpr std::size_t kAddressesMax = 8;  // of one host; the rest is not tried

// In the order of getaddrinfo (RFC 6724), which runs on `pool`; a numeric host needs neither.
// Errors: upstream_failed, timed_out after `limit`, overloaded (the pool's queue is full), cancelled.
Task<Result<Endpoints>> resolve(std::string host, std::uint16_t port, WorkerPool& pool,
                                std::chrono::nanoseconds limit);

}  // namespace weir::net

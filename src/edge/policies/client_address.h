// edge/policies/client_address.h: who the client is, when proxies stand between.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/ip.h"
#include "edge/policies/admission.h"

namespace weir::edge {

Result<> find_client(Exchange& exchange, Admission& admission);

// The address behind the trusted proxies: `forwarded` (X-Forwarded-For, all lines joined) is walked
// from the right, because only what a trusted proxy appended is true; the first address that is no
// trusted proxy is the client. A malformed element makes the whole field worthless: the answer is
// `peer`. So is it when `peer` itself is not trusted: anybody can write this field.
IpAddress client_behind(const IpAddress& peer, std::string_view forwarded, std::span<const Cidr> trusted);

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711".
std::optional<IpAddress> parse_forwarded_address(std::string_view text);

}  // namespace weir::edge

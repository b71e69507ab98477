#include "edge/policies/client_address.h"

#include "base/text.h"

namespace weir::edge {
namespace {

bool is_trusted(const IpAddress& address, std::span<const Cidr> trusted) {
  return std::ranges::any_of(trusted, [&](const Cidr& network) { return network.contains(address); });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::optional<IpAddress> parse_forwarded_address(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return std::nullopt;
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(1, close - 1));
    if (!address || address->is_v4()) return std::nullopt;
    return address;
  }
  if (const auto colon = text.find(':'); colon != text.npos && text.find(':', colon + 1) == text.npos) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return IpAddress::parse(text);
}

IpAddress client_behind(const IpAddress& peer, std::string_view forwarded, std::span<const Cidr> trusted) {
  if (!is_trusted(peer, trusted) || trim(forwarded).empty()) return peer;
  IpAddress client = peer;
  while (true) {
    const auto comma = forwarded.rfind(',');
    const auto address =
        parse_forwarded_address(comma == forwarded.npos ? forwarded : forwarded.substr(comma + 1));
    if (!address) return peer;
    client = *address;
    if (comma == forwarded.npos || !is_trusted(client, trusted)) return client;
    forwarded = forwarded.substr(0, comma);
  }
}

Result<> find_client(Exchange& exchange, Admission& admission) {
  const net::Request& request = exchange.request;
  exchange.client = request.peer;
  exchange.secure = request.secure;
  const auto& trusted = admission.config.trusted_proxies;
  if (!trusted.empty() && is_trusted(request.peer, trusted)) {
    exchange.client = client_behind(request.peer, request.headers.joined("x-forwarded-for"), trusted);
    if (request.headers.get("x-forwarded-proto") == "https") exchange.secure = true;
  }
  exchange.client_text = exchange.client.to_string();
  return {};
}

}  // namespace weir::edge

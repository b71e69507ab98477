#include "base/text.h"
#include "net/client.h"

namespace weir::net {
namespace {

std::unexpected<Error> bad_url(std::string_view url, std::string_view problem) {
  return fail(Code::invalid_request, "the URL \"" + std::string(url) + "\" " + std::string(problem),
              "write it like https://api.example.com, optionally with a port and a path");
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_path_character(char c) {
  return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>' && c != '\\';
}

}  // namespace

Result<Origin> Origin::parse(std::string_view url) {
  Origin origin;
  const std::string lower = to_lower(url);
  std::size_t at = 0;
  if (lower.starts_with("https://")) {
    at = 8;
  } else if (lower.starts_with("http://")) {
    at = 7;
    origin.tls = false;
    origin.port = 80;
  } else {
    return bad_url(url, "does not begin with https:// or http://");
  }
  const std::size_t path_at = std::min(url.find_first_of("/?#", at), url.size());
  const std::string_view authority = std::string_view(lower).substr(at, path_at - at);
  if (authority.contains('@')) return bad_url(url, "contains a user name or password");

  std::string_view rest;  // ":port"
  if (authority.starts_with('[')) {
    const std::size_t end = std::min(authority.find(']'), authority.size());
    origin.host = authority.substr(1, end - 1);
    if (!IpAddress::parse(origin.host) || end == authority.size())
      return bad_url(url, "has no valid IPv6 address in []");
    rest = authority.substr(end + 1);
  } else {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    origin.host = authority.substr(0, end);
    if (origin.host.empty()) return bad_url(url, "has no host");
    if (!std::ranges::all_of(origin.host, is_host_character))
      return bad_url(url, "has a host with characters that none can have");
    rest = authority.substr(end);
  }
  if (!rest.empty()) {
    const auto port = rest.starts_with(':') ? parse_int(rest.substr(1)) : std::nullopt;
    if (!port || *port < 1 || *port > 65'535)
      return bad_url(url, "has a port that is not a number from 1 to 65535");
    origin.port = static_cast<std::uint16_t>(*port);
  }

  origin.base_path = url.substr(path_at);
  if (origin.base_path.find_first_of("?#") != std::string::npos)
    return bad_url(url, "has a query or a fragment");
  if (!std::ranges::all_of(origin.base_path, is_path_character))
    return bad_url(url, "has a path with characters that must be percent-encoded");
  while (origin.base_path.ends_with('/')) origin.base_path.pop_back();
  return origin;
}

std::string Origin::to_string() const {
  std::string out = tls ? "https://" : "http://";
  out += host.contains(':') ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out + base_path;
}

}  // namespace weir::net

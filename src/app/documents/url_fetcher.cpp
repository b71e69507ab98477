#include "app/documents/url_fetcher.h"

#include <algorithm>

#include "base/text.h"
#include "net/address_guard.h"

namespace weir::app {
namespace {

constexpr std::size_t kUrlSizeMax = 8'000;

struct Place {
  net::Origin origin;
  std::string target;  // path and query
};

Result<Place> place_of(std::string_view url) {
  if (url.size() > kUrlSizeMax)
    return fail(Code::invalid_request, "the URL is too long", "send a shorter one");
  url = url.substr(0, url.find('#'));
  const std::size_t authority = url.find("://");
  const std::size_t path = authority == std::string_view::npos
                               ? url.size()
                               : std::min(url.find_first_of("/?", authority + 3), url.size());
  auto origin = net::Origin::parse(url.substr(0, path));
  if (!origin) return fail(origin);
  std::string target(url.substr(path));
  if (!target.starts_with('/')) target = "/" + target;
  if (!std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7F; })) {
    return fail(Code::invalid_request, "the URL has characters that must be written as %XX", "encode it");
  }
  return Place{*std::move(origin), std::move(target)};
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

net::MayConnect address_rule(const UrlFetchConfig& config) {
  return [allowed = config.hosts_allowed](const net::Origin& origin, const IpAddress& address) {
    if (net::is_public_address(address)) return true;
    const std::string with_port = origin.host + ":" + std::to_string(origin.port);
    return std::ranges::any_of(allowed, [&](const std::string& host) {
      return iequals(host, origin.host) || iequals(host, with_port);
    });
  };
}

std::string redirect_target(std::string_view url, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return std::string(location);
  const std::size_t scheme = url.find("://");
  if (location.starts_with("//")) return std::string(url.substr(0, scheme + 1)) + std::string(location);
  const std::size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  const std::string_view origin = url.substr(0, path);
  if (location.starts_with('/')) return std::string(origin) + std::string(location);
  std::string_view base = url.substr(path);
  base = base.substr(0, base.find_first_of("?#"));
  base = base.substr(0, base.find_last_of('/') + 1);  // npos + 1 is 0
  return std::string(origin) + (base.empty() ? "/" : std::string(base)) + std::string(location);
}

Task<Result<FetchedDocument>> UrlFetcher::fetch(std::string url) {
  net::ClientTimeouts timeouts;
  timeouts.connect = timeouts.first_byte = timeouts.idle = config_.timeout;
  for (int redirects = 0; redirects <= config_.redirects_max; ++redirects) {
    auto place = place_of(url);
    if (!place) co_return fail(place);
    net::ClientRequest request;
    request.method = "GET";
    request.target = place->target;
    request.headers.add("accept", "*/*");
    request.headers.add("accept-encoding", "identity");
    request.headers.add("user-agent", "weir");
    auto response = co_await client_.send(place->origin, std::move(request), timeouts);
    if (!response) co_return fail(response);
    const int status = (*response)->status();
    const std::string location((*response)->headers().get("location"));
    if (!is_redirect(status) || location.empty()) {
      if (status != 200) {
        co_return fail(Code::upstream_failed, "the URL answers " + std::to_string(status),
                       "check it in a browser");
      }
      co_return co_await read(*std::move(response));
    }
    std::string next = redirect_target(url, location);
    if (place->origin.tls && to_lower(next).starts_with("http:")) {
      co_return fail(Code::invalid_request, "the URL leads from https to http", "name the page itself");
    }
    url = std::move(next);
  }
  co_return fail(Code::invalid_request,
                 "the URL redirects more than " + std::to_string(config_.redirects_max) + " times",
                 "name the page itself");
}

Task<Result<FetchedDocument>> UrlFetcher::read(std::unique_ptr<net::ClientResponse> response) {
  FetchedDocument document;
  document.media_type = response->headers().get("content-type");
  const std::string_view encoding = response->headers().get("content-encoding");
  if (!encoding.empty() && !iequals(encoding, "identity")) {
    co_return fail(Code::invalid_request, "the URL answers compressed, though that was not asked for",
                   "download it, and send the file");
  }
  while (true) {
    auto piece = co_await response->read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) co_return document;
    if (document.bytes.size() + piece->size() > config_.size_max) {
      co_return fail(Code::too_large,
                     "the document is larger than " + std::to_string(config_.size_max) + " bytes",
                     "split it");
    }
    document.bytes += *piece;
  }
}

}  // namespace weir::app

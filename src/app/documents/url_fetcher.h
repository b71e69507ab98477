// app/documents/url_fetcher.h: a document from the web, by a URL that a caller chose.
//
// The client that it is given must refuse addresses that are not public (net::guarded_client by
// address_rule): the URL, each redirect and what a name resolves to can all lead inside.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "net/guarded_client.h"
#include "net/http_client.h"

namespace weir::app {

struct UrlFetchConfig {
  std::size_t size_max = 16 * 1024 * 1024;
  int redirects_max = 5;
  std::chrono::milliseconds timeout{30'000};  // of connecting, and of each silence
  // "wiki.example.com" or "wiki.example.com:8080": hosts that may have addresses that are not public.
  std::vector<std::string> hosts_allowed;
};

struct FetchedDocument {
  std::string bytes;
  std::string media_type;  // Content-Type as it came
};

// A guarded client's rule: public addresses, and whatever an allowed host has.
net::MayConnect address_rule(const UrlFetchConfig& config);

class UrlFetcher {
 public:
  UrlFetcher(UrlFetchConfig config, net::HttpClient& client) : config_(std::move(config)), client_(client) {}

  // http and https, never from https to http. invalid_request: no such URL, an address that is not public,
  // too many redirects, compressed; too_large; upstream_failed: anything but 200; timed_out.
  Task<Result<FetchedDocument>> fetch(std::string url);

 private:
  Task<Result<FetchedDocument>> read(std::unique_ptr<net::ClientResponse> response);

  const UrlFetchConfig config_;
  net::HttpClient& client_;
};

// Where a redirect from `url` leads (RFC 3986 §5.2, as far as HTTP servers use it).
std::string redirect_target(std::string_view url, std::string_view location);

}  // namespace weir::app

#include "edge/api/page.h"

#include "base/text.h"
#include "edge/compression.h"
#include "edge/outlet.h"

namespace weir::edge {
namespace {

constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// If-None-Match: "*" or a list of tags, compared weakly.
bool lists_etag(std::string_view if_none_match, std::string_view etag) {
  if (trim(if_none_match) == "*") return true;
  return std::ranges::any_of(split(if_none_match, ','), [&](std::string_view item) {
    item = trim(item);
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == etag;
  });
}

}  // namespace

Task<Result<>> get_page(Exchange& exchange, const Api&) {
  const auto files = page_files();
  const auto file = std::ranges::find(files, std::string_view(exchange.path), &EmbeddedFile::path);
  if (file == files.end()) co_return fail(Code::not_found, "there is no " + exchange.path);
  const net::Headers& asked = exchange.request.headers;
  net::Response response;
  response.headers.add("content-security-policy", kPagePolicy);
  response.headers.add("cache-control", file->path.starts_with("/assets/")
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  response.headers.add("etag", file->etag);
  if (lists_etag(asked.get("if-none-match"), file->etag)) {
    response.status = 304;
    co_return co_await exchange.out.send(std::move(response));
  }
  response.headers.add("content-type", file->media_type);
  if (!file->gzip.empty()) response.headers.add("vary", "Accept-Encoding");
  if (!file->gzip.empty() && accepts_gzip(asked.get("accept-encoding"))) {
    response.headers.add("content-encoding", "gzip");
    response.body = file->gzip;
  } else {
    response.body = file->bytes;
  }
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge

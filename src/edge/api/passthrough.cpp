#include "edge/api/passthrough.h"

#include "base/text.h"
#include "edge/api/body.h"
#include "edge/api/provider_call.h"

namespace weir::edge {
namespace {

constexpr std::int64_t kKeptBodyMax =
    1024 * 1024;  // of one that is read whole, so that it can be tried again

// Some servers read "/v1//files", "/v1/files/" or "/v1/Files" as "/v1/files".
bool is_plain(std::string_view path) {
  return !path.contains("//") && !path.ends_with('/') && !path.contains('\\') && !path.contains(';');
}

bool is_below(std::string_view path, std::string_view prefix) {
  return iequals(path.substr(0, prefix.size()), prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool is_open(std::string_view path, const EdgeConfig& config) {
  if (!is_plain(path) || is_below(path, "/v1/files") || is_below(path, "/v1/messages")) return false;
  return config.organization_api || !is_below(path, "/v1/organizations");
}

}  // namespace

Task<Result<>> pass_on(Exchange& exchange, const Api& api) {
  if (!is_open(exchange.path, api.config)) {
    co_return fail(Code::not_found, "there is no " + exchange.path);
  }
  model::UpstreamCall call = provider_call(exchange, "");
  const net::Request& request = exchange.request;
  LimitedBody body(*request.body, api.config.file_body_size_max);
  if (request.has_body && request.content_length >= 0 && request.content_length <= kKeptBodyMax) {
    auto whole = co_await read_body(exchange, api.config.file_body_size_max);
    if (!whole) co_return fail(whole);
    call.body = *std::move(whole);
  } else if (request.has_body) {
    call.upload = &body;
    call.upload_size = request.content_length;
  }
  co_return co_await call_and_relay(exchange, api, std::move(call));
}

}  // namespace weir::edge

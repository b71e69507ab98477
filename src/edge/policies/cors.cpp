#include "edge/policies/cors.h"

#include "base/text.h"

namespace weir::edge {
namespace {

constexpr std::string_view kPreflightMaxAge = "7200";  // seconds; the longest that Chromium honours
constexpr std::string_view kExposed =
    "x-request-id, request-id, retry-after, ratelimit, ratelimit-policy, x-should-retry, x-weir-stream-id, "
    "server-timing, x-weir-overhead-ms, x-weir-route, x-weir-provider, x-weir-model, x-weir-tries, "
    "x-weir-cache";

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

// A name that no stranger's DNS can have pointed here: an address, localhost, or a single label.
bool is_local_name(std::string_view host) {
  return host.starts_with('[') || !host.contains('.') || host.ends_with(".localhost") ||
         IpAddress::parse(host).has_value();
}

bool is_allowed(std::string_view origin, const EdgeConfig& config) {
  return std::ranges::find(config.allowed_origins, origin) != config.allowed_origins.end();
}

bool is_own_origin(std::string_view origin, const Exchange& exchange) {
  const std::string_view scheme = exchange.secure ? "https://" : "http://";
  return origin.starts_with(scheme) && iequals(origin.substr(scheme.size()), exchange.request.authority);
}

bool host_may_be_rebound(const Exchange& exchange, const Admission& admission) {
  if (admission.config.keys_required || admission.keys.any()) return false;
  const std::string_view authority = exchange.request.authority;
  if (is_local_name(host_of(authority))) return false;
  return std::ranges::none_of(admission.config.allowed_origins, [&](std::string_view origin) {
    const auto scheme_end = origin.find("://");
    return scheme_end != origin.npos && iequals(origin.substr(scheme_end + 3), authority);
  });
}

void allow_page(Exchange& exchange, std::string_view origin) {
  net::Headers& extra = exchange.out.extra();
  extra.add("access-control-allow-origin", origin);
  extra.add("access-control-expose-headers", kExposed);
  // The page of another origin may read what the default of same-origin would keep from it.
  extra.add("cross-origin-resource-policy", "cross-origin");
}

void answer_preflight(Exchange& exchange) {
  net::Headers& extra = exchange.out.extra();
  extra.add("access-control-allow-methods", exchange.allow);
  // What the page asks to send is allowed as it is: SDKs add headers of their own with every release,
  // and the origin is one that the operator named.
  const std::string_view wanted = exchange.request.headers.get("access-control-request-headers");
  if (!wanted.empty()) extra.add("access-control-allow-headers", wanted);
  extra.add("access-control-max-age", kPreflightMaxAge);
  extra.add("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
}

}  // namespace

Result<> check_origin(Exchange& exchange, Admission& admission) {
  const net::Headers& headers = exchange.request.headers;
  if (exchange.route->exempt != Exempt::admission && host_may_be_rebound(exchange, admission)) {
    return fail(Code::permission_denied,
                "without API keys only requests to localhost or an IP address are answered, not to " +
                    exchange.request.authority,
                "set VALID_API_KEYS, or add the page's origin to ALLOWED_ORIGINS");
  }
  // Caches must keep the answers for different pages apart, also the one for none.
  if (!admission.config.allowed_origins.empty()) exchange.out.extra().add("vary", "Origin");
  const auto origin = headers.find("origin");
  if (!origin) return {};
  if (is_allowed(*origin, admission.config)) {
    allow_page(exchange, *origin);
    if (exchange.route == &fallback::kOptions && headers.contains("access-control-request-method")) {
      answer_preflight(exchange);
    }
    return {};
  }
  if (is_own_origin(*origin, exchange) && !host_may_be_rebound(exchange, admission)) return {};
  return fail(Code::permission_denied,
              "pages of the origin " + std::string(*origin) + " may not call this server",
              "add it to ALLOWED_ORIGINS if it should");
}

}  // namespace weir::edge

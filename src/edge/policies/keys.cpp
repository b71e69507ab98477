#include "edge/policies/keys.h"

#include "base/text.h"
#include "edge/policies/signatures.h"

namespace weir::edge {
namespace {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!iequals(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return trim(authorization.substr(kScheme.size()));
}

std::optional<data::Principal> verify(std::string_view token, const Admission& admission) {
  if (token.empty()) return std::nullopt;
  if (auto known = admission.static_keys.verify(token)) return known;
  return admission.keys.verify(token);
}

}  // namespace

bool has_scope(const data::Principal& principal, std::string_view scope) {
  if (scope.empty()) return true;
  if (principal.scopes.empty()) {
    return scope == "metrics" ? principal.is_operators : scope != "admin";
  }
  return std::ranges::find(principal.scopes, scope) != principal.scopes.end();
}

Result<> check_key(Exchange& exchange, Admission& admission) {
  const Route& route = *exchange.route;
  if (route.exempt != Exempt::nothing || !(admission.config.keys_required || admission.keys.any())) {
    exchange.principal.key_id = "anonymous";
    return {};
  }
  if (route.shape == ApiShape::aws) {
    const auto is_signed = claim_signature(exchange, admission.config);
    if (!is_signed || *is_signed) {
      exchange.principal.key_id = is_signed ? "unproven" : "refused";
      return is_signed ? Result<>() : fail(Error(is_signed.error()));
    }
  }
  const net::Headers& headers = exchange.request.headers;
  const std::string_view api_key = headers.get("x-api-key");
  const std::string_view bearer = bearer_token(headers.get("authorization"));
  auto principal = verify(api_key, admission);
  if (!principal && bearer != api_key) principal = verify(bearer, admission);
  if (!principal) {
    exchange.principal.key_id = "refused";
    if (api_key.empty() && bearer.empty()) {
      return fail(Code::unauthenticated, "an API key is required",
                  "send it as x-api-key or as Authorization: Bearer");
    }
    return fail(Code::unauthenticated, "the API key is not valid",
                "check that it is whole, live and not expired");
  }
  exchange.principal = *std::move(principal);
  if (!has_scope(exchange.principal, route.scope)) {
    return fail(Code::permission_denied, "this API key has no scope \"" + std::string(route.scope) + "\"",
                "use a key that has it");
  }
  return {};
}

}  // namespace weir::edge

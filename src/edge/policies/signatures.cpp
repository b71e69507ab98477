#include "edge/policies/signatures.h"

#include <optional>

#include "model/providers/aws/sigv4_verify.h"

namespace weir::edge {
namespace {

// Of "ID=SECRET"; nullopt: no such key.
std::optional<Secret> secret_of(std::string_view id, const EdgeConfig& config) {
  for (const Secret& pair : config.signing_keys) {
    const std::string_view text = pair.reveal();
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.substr(0, equals) != id) continue;
    return Secret(std::string(text.substr(equals + 1)));
  }
  return std::nullopt;
}

}  // namespace

Result<bool> claim_signature(Exchange& exchange, const EdgeConfig& config) {
  const std::string_view authorization = exchange.request.headers.get("authorization");
  if (!model::is_v4_authorization(authorization)) return false;
  auto claim = model::parse_v4_authorization(authorization);
  if (!claim) return fail(claim);
  if (!secret_of(claim->access_key_id, config)) {
    return fail(Code::unauthenticated, "the access key of the signature is not known",
                "send a Weir key as AWS_BEARER_TOKEN_BEDROCK, or configure edge.signing_keys");
  }
  exchange.signed_by = std::move(claim->access_key_id);
  return true;
}

Result<> prove_signature(Exchange& exchange, const EdgeConfig& config, std::string_view body, WallTime now) {
  if (exchange.signed_by.empty()) return {};
  const net::Request& request = exchange.request;
  const auto claim = model::parse_v4_authorization(request.headers.get("authorization"));
  const auto secret = secret_of(exchange.signed_by, config);
  if (!claim || !secret) return fail(Code::unauthenticated, "the signature cannot be read");
  auto proven = model::verify_v4(request, body, *claim, *secret, now);
  if (!proven) {
    exchange.principal.key_id = "refused";
    return proven;
  }
  exchange.principal.key_id = "aws:" + exchange.signed_by;
  exchange.principal.name = "edge.signing_keys";
  exchange.principal.scopes = {"models"};
  return {};
}

}  // namespace weir::edge

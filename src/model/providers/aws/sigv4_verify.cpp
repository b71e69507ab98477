#include "model/providers/aws/sigv4_verify.h"

#include <algorithm>
#include <optional>

#include "base/digest.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::model {
namespace {

constexpr std::string_view kScheme = "AWS4-HMAC-SHA256 ";

std::unexpected<Error> not_proven(std::string why) {
  return fail(Code::unauthenticated, std::move(why), "check the access key and the machine's clock");
}

// "20261123T120000Z"
std::optional<WallTime> parse_basic_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::string full(text.substr(0, 4));
  full += "-" + std::string(text.substr(4, 2)) + "-" + std::string(text.substr(6, 5)) + ":" +
          std::string(text.substr(11, 2)) + ":" + std::string(text.substr(13));
  return parse_rfc3339(full);
}

bool is_signed(const SignatureClaim& claim, std::string_view name) {
  return std::ranges::find(claim.names, name) != claim.names.end();
}

}  // namespace

bool is_v4_authorization(std::string_view authorization) {
  return authorization.starts_with(kScheme);
}

Result<SignatureClaim> parse_v4_authorization(std::string_view authorization) {
  if (!is_v4_authorization(authorization)) return not_proven("the request is not signed");
  SignatureClaim claim;
  for (const std::string_view part : split(authorization.substr(kScheme.size()), ',')) {
    const std::string_view field = trim(part);
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    if (name == "Credential") {
      const auto parts = split(value, '/');
      if (parts.size() != 5 || parts[4] != "aws4_request") return not_proven("the credential has no scope");
      claim.access_key_id = parts[0];
      claim.date = parts[1];
      claim.scope = {.region = std::string(parts[2]), .service = std::string(parts[3])};
    } else if (name == "SignedHeaders") {
      for (const std::string_view signed_name : split(value, ';'))
        claim.names.push_back(to_lower(signed_name));
    } else if (name == "Signature") {
      claim.signature = value;
    }
  }
  if (claim.access_key_id.empty() || claim.names.empty() || claim.signature.empty())
    return not_proven("the signature is not complete");
  return claim;
}

Result<> verify_v4(const SigningRequest& request, const SignatureClaim& claim, const Secret& secret,
                   WallTime now) {
  const std::string_view time = request.headers.get("x-amz-date");
  if (!is_signed(claim, "host") || !is_signed(claim, "x-amz-date"))
    return not_proven("host and x-amz-date must be signed");
  const auto signed_at = parse_basic_time(time);
  if (!signed_at || !time.starts_with(claim.date))
    return not_proven("x-amz-date is not what the signature says");
  if (*signed_at > now + kSignatureSkewMax || *signed_at < now - kSignatureSkewMax)
    return not_proven("the signature is of another time");
  const std::string signature = signature_v4(request, claim.names, secret, claim.scope, time);
  if (!equal_in_constant_time(signature, claim.signature))
    return not_proven("the signature does not match the request");
  return {};
}

Result<> verify_v4(const net::Request& request, std::string_view body, const SignatureClaim& claim,
                   const Secret& secret, WallTime now) {
  net::Headers fields = request.headers;
  fields.set("host", request.authority);
  const std::string_view target = request.target;
  const SigningRequest signed_request{.method = request.method,
                                      .path = target.substr(0, target.find('?')),
                                      .query = request.query,
                                      .headers = fields,
                                      .body = body};
  return verify_v4(signed_request, claim, secret, now);
}

}  // namespace weir::model

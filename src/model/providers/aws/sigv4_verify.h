// model/providers/aws/sigv4_verify.h: AWS Signature Version 4 from the other side: what a request that
// arrives claims, and whether it is true. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/providers/aws/sigv4.h"
#include "net/http.h"

namespace weir::model {

// As far as a signer's clock may be off (AWS's own limit).
constexpr auto kSignatureSkewMax = std::chrono::minutes(15);

// Whether an Authorization field is of this scheme.
bool is_v4_authorization(std::string_view authorization);

// What the field says; nothing of it is proven.
struct SignatureClaim {
  std::string access_key_id;
  std::string date;  // "20261123"
  SigningScope scope;
  std::vector<std::string> names;  // of the fields that are signed, in lower case
  std::string signature;           // hex
};
// unauthenticated: no such field, or one that cannot be read.
Result<SignatureClaim> parse_v4_authorization(std::string_view authorization);

// `request` as it arrived, with host among its headers. unauthenticated: host or x-amz-date are not signed,
// the time is off, or the signature is another.
Result<> verify_v4(const SigningRequest& request, const SignatureClaim& claim, const Secret& secret,
                   WallTime now);
// The same of a request as the server has it, with its whole body.
Result<> verify_v4(const net::Request& request, std::string_view body, const SignatureClaim& claim,
                   const Secret& secret, WallTime now);

}  // namespace weir::model

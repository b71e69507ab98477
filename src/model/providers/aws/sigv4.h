// model/providers/aws/sigv4.h: AWS Signature Version 4 in header form (docs.aws.amazon.com, "Create a signed
// AWS API request"). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "net/headers.h"

namespace weir::model {

struct AwsKeys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty: long-lived keys
};

struct SigningScope {
  std::string region;   // "us-east-1"
  std::string service;  // "bedrock", "bedrock-mantle"…
};

// What is signed. `headers` holds every field that goes out, with host; fields that a proxy or the
// connection may change (user-agent, transfer-encoding, traceparent…) are left out of the signature.
struct SigningRequest {
  std::string_view method;
  std::string_view path;   // as it goes out; AWS encodes it once more, so that "%3A" signs as "%253A"
  std::string_view query;  // as it goes out, without '?'
  const net::Headers& headers;
  std::string_view body;
};

struct SigningOptions {
  bool normalize_path = true;      // drop dot segments and doubled slashes (all services but S3)
  bool sign_session_token = true;  // false: the token is sent beside the signature
  bool send_body_hash = false;     // as x-amz-content-sha256, which some services demand
};

// The steps on the way, for tests and for telling why AWS disagrees.
struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  // hex
  net::Headers headers;   // to add: x-amz-date, x-amz-security-token, x-amz-content-sha256, authorization
};

Signature sign_v4(const SigningRequest& request, const AwsKeys& keys, const SigningScope& scope, WallTime now,
                  const SigningOptions& options = {});

// The signature (hex) over the fields named and no others, all of them in request.headers: what a request
// that arrives must carry. `time` as its x-amz-date has it: "20261123T120000Z".
std::string signature_v4(const SigningRequest& request, const std::vector<std::string>& names,
                         const Secret& secret, const SigningScope& scope, std::string_view time);

}  // namespace weir::model

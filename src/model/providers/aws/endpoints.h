// model/providers/aws/endpoints.h: the three ways to Claude on AWS: Bedrock's InvokeModel, Bedrock's native
// Messages endpoint (Mantle), and Claude Platform on AWS. Source: anthropic 2.12 lib/bedrock, lib/aws. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "model/providers/aws/sigv4.h"
#include "model/providers/environment.h"
#include "model/providers/token_source.h"
#include "net/http_client.h"

namespace weir::model {

enum class AwsApi : std::uint8_t { invoke, mantle, platform };

struct AwsEndpoint {
  net::Origin origin;
  SigningScope scope;
};

// invalid_request: no region's name. China's regions have their own domain.
Result<AwsEndpoint> aws_endpoint(AwsApi api, std::string_view region);

// AWS_REGION, or AWS_DEFAULT_REGION. unavailable: neither is set.
Result<std::string> aws_region(const Environment& environment);

// Adds what proves who calls: a signature over everything (keys), or the token as Bearer. Every field must
// be there already, but host and content-length, which the client writes; `origin` is where the request goes.
void authorize_aws(net::ClientRequest& request, const net::Origin& origin, const SigningScope& scope,
                   const Token& token, WallTime now);

}  // namespace weir::model

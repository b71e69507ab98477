// model/providers/aws/bedrock_request.h: Messages requests as Bedrock's InvokeModel takes them, and back.
// Sources: anthropic 2.12 lib/bedrock, botocore's bedrock-runtime, recorded traffic. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/providers/cloud_request.h"

namespace weir::model {

constexpr std::string_view kBedrockVersion = "bedrock-2023-05-31";

// POST /model/{id}/invoke, or /invoke-with-response-stream. Leaves model and stream out of the body; adds
// anthropic_version unless the client gave one, anthropic_beta (the client's array and header together,
// without what Bedrock refuses) and user_profile_id.
Result<CloudRequest> to_bedrock_invoke(const MessagesInput& input);

// POST /model/{id}/count-tokens, whose body holds an invoke body in base64. InvokeModel bodies need a
// max_tokens, so that one is added where there is none.
Result<CloudRequest> to_bedrock_count_tokens(const MessagesInput& input);
// {"inputTokens":n} → {"input_tokens":n}. upstream_failed: it is something else.
Result<std::string> from_bedrock_count_tokens(std::string_view body);

// Where a client of Bedrock's API points to; nullopt: not one of the two routes.
struct BedrockTarget {
  std::string model;
  bool stream = false;
};
// `path` as it was sent: an ARN's slash comes as %2F, or bare from clients that do not escape it.
std::optional<BedrockTarget> parse_bedrock_target(std::string_view path);

// An invoke body as a Messages body: model and stream go in, anthropic_version and anthropic_beta come out.
struct FromBedrock {
  std::string body;
  std::string betas;    // for anthropic-beta; empty: none
  std::string version;  // for anthropic-version; empty: the body named Bedrock's own
};
Result<FromBedrock> from_bedrock_invoke(std::string_view body, const BedrockTarget& target);

}  // namespace weir::model

// model/providers/aws/bedrock.h: Claude on Amazon Bedrock by InvokeModel: Messages in Bedrock's paths,
// streams in Amazon's frames.
#pragma once

#include "model/providers/aws/sigv4.h"
#include "model/providers/cloud_provider.h"

namespace weir::model {

class Bedrock final : public CloudProvider {
 public:
  // `profile`: the inference profile that is put before a model's id; empty: none.
  Bedrock(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, SigningScope scope,
          std::string profile, const Clock& clock);

  // Its own dialects as well: those pass untouched.
  bool speaks(Dialect dialect) const override;
  bool has_endpoint(std::string_view target) const override;
  bool sends_pings() const override { return false; }
  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  std::string_view request_id(const net::Headers& headers) const override {
    return headers.get("x-amzn-requestid");
  }

 private:
  std::string default_model_id(std::string_view model) const override;
  Result<PreparedRequest> prepare_native(const OutboundCall& call) const;

  const SigningScope scope_;
  const std::string profile_;
  const Clock& clock_;
};

// "claude-sonnet-4-5" → "global.anthropic.claude-sonnet-4-5-20250929-v1:0". Ids and ARNs of Bedrock stay.
std::string bedrock_model_id(std::string_view model, std::string_view profile);

extern const ProviderKind kBedrockKind;

}  // namespace weir::model

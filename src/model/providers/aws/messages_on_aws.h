// model/providers/aws/messages_on_aws.h: the Messages API itself at AWS: Bedrock's native endpoint (Mantle),
// and Claude Platform on AWS. Requests and answers are the Claude API's; only who calls is proven as AWS
// does.
#pragma once

#include "model/providers/aws/endpoints.h"
#include "model/providers/cloud_provider.h"

namespace weir::model {

class MessagesOnAws final : public CloudProvider {
 public:
  // `workspace`: anthropic-workspace-id of Claude Platform; empty: the client's own field passes.
  MessagesOnAws(AwsApi api, CloudIdentity identity, std::unique_ptr<TokenSource> tokens, SigningScope scope,
                std::string workspace, const Clock& clock);

  // Claude Platform has every path of the Claude API.
  bool has_endpoint(std::string_view target) const override;
  // Mantle serves in its region, and its ids do not say so.
  bool regional_prices() const override { return api_ == AwsApi::mantle; }
  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  std::string_view request_id(const net::Headers& headers) const override;

 private:
  std::string default_model_id(std::string_view model) const override;

  const AwsApi api_;
  const SigningScope scope_;
  const std::string workspace_;
  const Clock& clock_;
};

extern const ProviderKind kBedrockMantleKind;
extern const ProviderKind kClaudePlatformAwsKind;

}  // namespace weir::model

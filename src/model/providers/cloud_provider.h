// model/providers/cloud_provider.h: what the clouds that serve Claude have in common: they speak the Messages
// API in one way or another, under their own names for the models, with credentials that may have to be
// fetched.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/providers/cloud_request.h"
#include "model/providers/provider.h"
#include "model/providers/registry.h"
#include "model/providers/token_source.h"

namespace weir::model {

struct CloudIdentity {
  std::string name;         // as configured
  std::string_view system;  // "aws.bedrock"
  net::Origin origin;
  std::map<std::string, std::string, std::less<>> model_ids;  // by the caller's name
};

class CloudProvider : public Provider {
 public:
  CloudProvider(CloudIdentity identity, std::unique_ptr<TokenSource> tokens);

  std::string_view name() const override { return identity_.name; }
  std::string_view system() const override { return identity_.system; }
  bool speaks(Dialect dialect) const override { return dialect == Dialect::messages; }
  Dialect dialect() const override { return Dialect::messages; }
  // Messages and their token counts.
  bool has_endpoint(std::string_view target) const override;
  // What the operator said, else default_model_id().
  std::string model_id(std::string_view model) const override;
  // As the SDKs do; a 424 too, by which AWS says that the model failed.
  Verdict classify(int status, const net::Headers& headers) const override;
  // Knows AWS's names of exceptions beside the Claude API's.
  Verdict classify_error(std::string_view error_type) const override;

 protected:
  virtual std::string default_model_id(std::string_view model) const { return std::string(model); }
  const net::Origin& origin() const { return identity_.origin; }
  TokenSource& tokens() { return *tokens_; }

  // The client's fields without what speaks to another API, and the request's line. Its body is the call's.
  PreparedRequest begin(const OutboundCall& call) const;

 private:
  const CloudIdentity identity_;
  const std::unique_ptr<TokenSource> tokens_;
};

// Of a checked configuration ("name=id").
std::map<std::string, std::string, std::less<>> model_ids_of(const ProviderConfig& config);
// config.base_url, else `usual`. invalid_request: it is no URL.
Result<net::Origin> origin_of(const ProviderConfig& config, net::Origin usual);

// What a MessagesInput of the call is; views into the call, but for `betas`, which it owns.
struct CloudInput {
  explicit CloudInput(const OutboundCall& call);
  bool counts_tokens = false;
  std::string betas;
  MessagesInput input;
};

// The cloud's errors in the Claude API's envelope; reads x-amzn-errortype.
std::unique_ptr<ReplyTranslator> translate_cloud_errors(const net::Headers& answer);
// Drops the fields whose names begin so.
void drop_fields(net::Headers& headers, std::string_view prefix);

// Credentials that cannot work: the log says so at start, and every call that would need them.
std::unique_ptr<TokenSource> unusable_credentials(const ProviderConfig& config, const ProviderTools& tools,
                                                  Error why);
// The configured key, which does not change while Weir runs.
std::unique_ptr<TokenSource> configured_key(const ProviderConfig& config);

// The day in the id of a model, where clouds demand it and callers may leave it out: "20250929" of
// claude-sonnet-4-5. Empty: the model's id has none.
std::string_view release_day(std::string_view family);

}  // namespace weir::model

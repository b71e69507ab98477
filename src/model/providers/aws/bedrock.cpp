#include "model/providers/aws/bedrock.h"

#include <array>
#include <utility>

#include "model/prices.h"
#include "model/providers/aws/bedrock_reply.h"
#include "model/providers/aws/bedrock_request.h"
#include "model/providers/aws/credentials.h"
#include "model/providers/aws/endpoints.h"
#include "model/providers/claude_name.h"
#include "model/providers/cloud_error.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kModels{"claude*"sv, "*anthropic.claude*"sv, "arn:aws*:bedrock:*"sv};

constexpr std::string_view kModelRoot = "/model/";

bool is_own(Dialect dialect) {
  return dialect == Dialect::bedrock_invoke || dialect == Dialect::bedrock_converse;
}

// A count of tokens, which Bedrock names otherwise.
class CountToMessages final : public ReplyTranslator {
 public:
  Result<std::string> whole(std::string_view body) override { return from_bedrock_count_tokens(body); }
  Result<> feed(std::string_view bytes, std::string& out) override {
    out += bytes;
    return {};
  }
  void finish(std::string&) override {}
  std::string error(int status, std::string_view body) override { return cloud_error(status, {}, body).body; }
};

std::unique_ptr<TokenSource> credentials_of(const ProviderConfig& config, const ProviderTools& tools) {
  if (!config.api_key.empty()) return configured_key(config);
  if (auto readable = tools.environment.check(); !readable)
    return unusable_credentials(config, tools, std::move(readable.error()));
  const CredentialParts parts{tools.client, tools.environment, tools.clock, tools.random};
  auto tokens = make_aws_credentials(parts, {"AWS_BEARER_TOKEN_BEDROCK"});
  if (!tokens) return unusable_credentials(config, tools, std::move(tokens.error()));
  return *std::move(tokens);
}

Result<std::unique_ptr<Provider>> make(const ProviderConfig& config, const ProviderTools& tools) {
  auto endpoint = aws_endpoint(AwsApi::invoke, config.region);
  if (!endpoint) return fail(endpoint);
  auto origin = origin_of(config, std::move(endpoint->origin));
  if (!origin) return fail(origin);
  CloudIdentity identity{.name = config.name,
                         .system = "aws.bedrock",
                         .origin = *std::move(origin),
                         .model_ids = model_ids_of(config)};
  return std::make_unique<Bedrock>(std::move(identity), credentials_of(config, tools),
                                   std::move(endpoint->scope), config.profile, tools.clock);
}

std::string_view missing(const ProviderConfig& config) {
  return aws_endpoint(AwsApi::invoke, config.region) ? "" : "region";
}

}  // namespace

const ProviderKind kBedrockKind{.kind = "bedrock", .models = kModels, .missing = missing, .make = make};

Bedrock::Bedrock(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, SigningScope scope,
                 std::string profile, const Clock& clock)
    : CloudProvider(std::move(identity), std::move(tokens)),
      scope_(std::move(scope)),
      profile_(std::move(profile)),
      clock_(clock) {}

bool Bedrock::speaks(Dialect dialect) const {
  return is_own(dialect) || CloudProvider::speaks(dialect);
}

bool Bedrock::has_endpoint(std::string_view target) const {
  return target.starts_with(kModelRoot) || CloudProvider::has_endpoint(target);
}

// The client's body in its own dialect; the path names the model.
Result<PreparedRequest> Bedrock::prepare_native(const OutboundCall& call) const {
  auto model = model_segment(call.model, ":");
  if (!model) return fail(model);
  PreparedRequest prepared = begin(call);
  const std::string_view path = call.target.substr(0, call.target.find('?'));
  prepared.request.target = std::string(kModelRoot) + *model + std::string(path.substr(path.rfind('/')));
  prepared.meter = meter_of(call.dialect);
  prepared.error_translator = nullptr;  // its errors are what the client expects
  drop_fields(prepared.request.headers, "anthropic-");
  return prepared;
}

Task<Result<PreparedRequest>> Bedrock::prepare(const OutboundCall& call) {
  auto token = co_await tokens().get();
  if (!token) co_return fail(token);
  if (is_own(call.dialect)) {
    auto native = prepare_native(call);
    if (!native) co_return fail(native);
    authorize_aws(native->request, origin(), scope_, *token, clock_.wall());
    co_return native;
  }
  CloudInput source(call);
  source.input.betas = source.betas;
  auto rewritten =
      source.counts_tokens ? to_bedrock_count_tokens(source.input) : to_bedrock_invoke(source.input);
  if (!rewritten) co_return fail(rewritten);
  PreparedRequest prepared = begin(call);
  prepared.request.target = std::move(rewritten->target);
  prepared.body = std::move(rewritten->body);
  prepared.request.body = *prepared.body;
  drop_fields(prepared.request.headers, "anthropic-");
  if (source.counts_tokens) {
    prepared.translator = std::make_unique<CountToMessages>();
  } else {
    prepared.meter = meter_of(Dialect::bedrock_invoke);
    if (call.stream) prepared.translator = std::make_unique<BedrockToMessages>();
  }
  authorize_aws(prepared.request, origin(), scope_, *token, clock_.wall());
  co_return prepared;
}

std::string Bedrock::default_model_id(std::string_view model) const {
  return bedrock_model_id(model, profile_);
}

std::string bedrock_model_id(std::string_view caller_model, std::string_view profile) {
  if (!caller_model.starts_with("claude-")) return std::string(caller_model);
  const std::string model = claude_name(caller_model);
  const std::string_view family = model_family(model);
  std::string id = profile.empty() ? "anthropic." : std::string(profile) + ".anthropic.";
  const std::string_view day = release_day(family);
  if (family == "claude-opus-4-6") {
    id += "claude-opus-4-6-v1";
  } else if (family.size() < model.size()) {
    id += model + "-v1:0";  // with its day
  } else {
    id += day.empty() ? model : model + "-" + std::string(day) + "-v1:0";
  }
  return id;
}

}  // namespace weir::model

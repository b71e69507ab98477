#include "model/providers/azure/credentials.h"

#include "base/text.h"
#include "model/providers/token_fetch.h"

namespace weir::model {
namespace {

constexpr std::string_view kAuthority = "https://login.microsoftonline.com";
constexpr std::string_view kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kName = "Microsoft Entra ID";

struct Application {
  Endpoint endpoint;
  std::string client_id;
  Secret client_secret;    // or
  std::string token_file;  // read each time: Kubernetes renews it
};

class EntraFetcher final : public TokenFetcher {
 public:
  EntraFetcher(const CredentialParts& parts, Application application)
      : parts_(parts), application_(std::move(application)) {}

  Task<Result<Token>> fetch() override {
    const WallTime now = parts_.clock.wall();
    auto request = token_request();
    if (!request) co_return fail(request);
    auto answer = co_await ask_issuer(parts_.client, *std::move(request));
    if (!answer) co_return fail(answer);
    co_return oauth_token(answer->body, now, kName);
  }

 private:
  Result<IssuerRequest> token_request() const {
    std::vector<std::pair<std::string_view, std::string_view>> fields{{"grant_type", "client_credentials"},
                                                                      {"client_id", application_.client_id},
                                                                      {"scope", kFoundryScope}};
    Result<std::string> assertion;
    std::string hint = "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET";
    if (application_.token_file.empty()) {
      fields.emplace_back("client_secret", application_.client_secret.reveal());
    } else {
      assertion = parts_.environment.read_file(application_.token_file);
      if (!assertion) {
        return fail(Code::unavailable, "AZURE_FEDERATED_TOKEN_FILE: " + assertion.error().message,
                    assertion.error().hint);
      }
      fields.emplace_back("client_assertion_type", kAssertionType);
      fields.emplace_back("client_assertion", trim(*assertion));
      hint = "check that the application of AZURE_CLIENT_ID trusts the issuer of the token in " +
             application_.token_file;
    }
    IssuerRequest request = form_request(application_.endpoint.origin, application_.endpoint.target, fields);
    request.name = kName;
    request.hint = std::move(hint);
    return request;
  }

  const CredentialParts parts_;
  const Application application_;
};

Result<Endpoint> token_endpoint(const Environment& environment, std::string_view tenant) {
  std::string authority = environment.variable_or("AZURE_AUTHORITY_HOST", kAuthority);
  if (!authority.contains("://")) authority.insert(0, "https://");
  while (authority.ends_with('/')) authority.pop_back();
  return parse_secret_endpoint(authority + "/" + percent_encode(tenant) + "/oauth2/v2.0/token",
                               "AZURE_AUTHORITY_HOST");
}

}  // namespace

Result<AzureCredentials> make_azure_credentials(const CredentialParts& parts) {
  const Environment& environment = parts.environment;
  AzureCredentials credentials;
  if (auto key = environment.variable("ANTHROPIC_FOUNDRY_API_KEY")) {
    credentials.tokens =
        std::make_unique<FixedToken>(Token{.value = Secret(*std::move(key)), .expires_at = std::nullopt});
    return credentials;
  }
  const std::string tenant = environment.variable_or("AZURE_TENANT_ID", "");
  Application application;
  application.client_id = environment.variable_or("AZURE_CLIENT_ID", "");
  application.client_secret = Secret(environment.variable_or("AZURE_CLIENT_SECRET", ""));
  if (application.client_secret.empty())
    application.token_file = environment.variable_or("AZURE_FEDERATED_TOKEN_FILE", "");
  std::string missing;
  const auto want = [&missing](bool is_there, std::string_view name) {
    if (!is_there) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  want(!tenant.empty(), "AZURE_TENANT_ID");
  want(!application.client_id.empty(), "AZURE_CLIENT_ID");
  want(!application.client_secret.empty() || !application.token_file.empty(),
       "AZURE_CLIENT_SECRET (or AZURE_FEDERATED_TOKEN_FILE)");
  if (!missing.empty()) {
    return fail(Code::unavailable, "no credentials for Azure AI Foundry: not set: " + missing,
                "set ANTHROPIC_FOUNDRY_API_KEY, or these");
  }
  auto endpoint = token_endpoint(environment, tenant);
  if (!endpoint) return fail(endpoint);
  application.endpoint = *std::move(endpoint);
  credentials.auth = FoundryAuth::entra;
  credentials.tokens = std::make_unique<RefreshedToken>(
      std::make_unique<EntraFetcher>(parts, std::move(application)), parts.clock, parts.random);
  return credentials;
}

}  // namespace weir::model

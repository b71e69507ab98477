#include "model/providers/azure/credentials.h"

#include <doctest/doctest.h>

#include "issuer_fakes.h"

namespace weir::model {
namespace {

using fakes::CredentialFixture;

constexpr const char* kAnswer =
    R"({"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0"})";

}  // namespace

TEST_CASE("azure credentials: the resource's key comes first") {
  CredentialFixture f;
  f.environment.variables = {{"ANTHROPIC_FOUNDRY_API_KEY", "k"}, {"AZURE_TENANT_ID", "t"}};
  const auto credentials = make_azure_credentials(f.parts);
  REQUIRE(credentials);
  CHECK(credentials->auth == FoundryAuth::api_key);
  CHECK(f.get(*credentials->tokens)->value.reveal() == "k");
}

TEST_CASE("azure credentials: an application with a secret") {
  CredentialFixture f;
  f.environment.variables = {
      {"AZURE_TENANT_ID", "t1"}, {"AZURE_CLIENT_ID", "c1"}, {"AZURE_CLIENT_SECRET", "s~1"}};
  const auto credentials = make_azure_credentials(f.parts);
  REQUIRE(credentials);
  CHECK(credentials->auth == FoundryAuth::entra);
  f.answer(200, kAnswer);
  const auto token = f.get(*credentials->tokens);
  CHECK(token->value.reveal() == "eyJ0");
  CHECK(*token->expires_at == f.clock.wall() + std::chrono::seconds(3599));
  CHECK(f.client.sent[0].url == "https://login.microsoftonline.com/t1/oauth2/v2.0/token");
  CHECK(f.client.sent[0].body ==
        "grant_type=client_credentials&client_id=c1&scope=https%3A%2F%2Fai.azure.com%2F.default&client_"
        "secret=s~1");
}

TEST_CASE("azure credentials: an application with a federated token, read anew each time") {
  CredentialFixture f;
  f.environment.variables = {{"AZURE_TENANT_ID", "t1"},
                             {"AZURE_CLIENT_ID", "c1"},
                             {"AZURE_FEDERATED_TOKEN_FILE", "/t"},
                             {"AZURE_AUTHORITY_HOST", "login.microsoftonline.us/"}};
  f.environment.files["/t"] = "first\n";
  const auto credentials = make_azure_credentials(f.parts);
  REQUIRE(credentials);
  f.answer(200, kAnswer);
  f.answer(200, kAnswer);
  CHECK(f.get(*credentials->tokens));
  f.environment.files["/t"] = "second\n";
  f.clock.advance(std::chrono::hours(1));
  CHECK(f.get(*credentials->tokens));
  REQUIRE(f.client.sent.size() == 2);
  CHECK(f.client.sent[0].url == "https://login.microsoftonline.us/t1/oauth2/v2.0/token");
  CHECK(
      f.client.sent[0].body.ends_with("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"
                                      "type%3Ajwt-bearer&client_assertion=first"));
  CHECK(f.client.sent[1].body.ends_with("&client_assertion=second"));
}

TEST_CASE("azure credentials: errors name what is missing, or what Entra says") {
  CredentialFixture f;
  CHECK(make_azure_credentials(f.parts).error().hint.contains("ANTHROPIC_FOUNDRY_API_KEY"));
  f.environment.variables = {{"AZURE_TENANT_ID", "t1"}, {"AZURE_CLIENT_SECRET", "s"}};
  CHECK(make_azure_credentials(f.parts).error().message.ends_with("not set: AZURE_CLIENT_ID"));
  f.environment.variables["AZURE_CLIENT_ID"] = "c1";
  f.answer(
      401,
      R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"})");
  const auto token = f.get(*make_azure_credentials(f.parts)->tokens);
  CHECK(token.error().message ==
        "Microsoft Entra ID answered with status 401: invalid_client: AADSTS7000215: Invalid client secret "
        "provided.");
  CHECK(token.error().hint.contains("AZURE_CLIENT_SECRET"));
  f.environment.variables["AZURE_AUTHORITY_HOST"] = "http://evil.example";
  CHECK(make_azure_credentials(f.parts).error().message.contains("AZURE_AUTHORITY_HOST"));
}

}  // namespace weir::model

#include "model/providers/google/credentials.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "base/text.h"
#include "issuer_fakes.h"
#include "rsa_test_key.h"

namespace weir::model {
namespace {

using fakes::CredentialFixture;

std::string key_file(const test::RsaTestKey& key) {
  return json::serialize(json::object{{"type", "service_account"},
                                      {"project_id", "my-project"},
                                      {"private_key_id", "k1"},
                                      {"private_key", key.pem()},
                                      {"client_email", "weir@my-project.iam.gserviceaccount.com"},
                                      {"token_uri", "https://oauth2.googleapis.com/token"}});
}

json::value decoded(std::string_view base64url) {
  std::string text(base64url);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return *parse_json(*from_base64(text));
}

std::string bytes_of(std::string_view base64url) {
  std::string text(base64url);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return *from_base64(text);
}

}  // namespace

TEST_CASE("google credentials: a service account shows a signed assertion and gets a token") {
  const test::RsaTestKey key;
  CredentialFixture f;
  f.environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/etc/key.json";
  f.environment.files["/etc/key.json"] = key_file(key);
  auto credentials = make_google_credentials(f.parts);
  REQUIRE(credentials);
  CHECK(credentials->project == "my-project");
  f.answer(200, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})");
  const auto token = f.get(*credentials->tokens);
  REQUIRE(token);
  CHECK(token->value.reveal() == "ya29.x");
  CHECK(*token->expires_at == f.clock.wall() + std::chrono::seconds(3599));

  CHECK(f.client.sent[0].url == "https://oauth2.googleapis.com/token");
  CHECK(f.client.sent[0].headers.get("content-type") == "application/x-www-form-urlencoded");
  const auto fields = split(f.client.sent[0].body, '&');
  REQUIRE(fields.size() == 2);
  CHECK(fields[0] == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
  REQUIRE(fields[1].starts_with("assertion="));
  const auto parts = split(fields[1].substr(10), '.');
  REQUIRE(parts.size() == 3);
  CHECK(decoded(parts[0]) == json::value(json::object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}}));
  const std::int64_t now = f.clock.wall() / std::chrono::seconds(1);
  CHECK(decoded(parts[1]) ==
        json::value(json::object{{"iss", "weir@my-project.iam.gserviceaccount.com"},
                                 {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                                 {"aud", "https://oauth2.googleapis.com/token"},
                                 {"iat", now},
                                 {"exp", now + 3'600}}));
  CHECK(key.signed_by(std::string(parts[0]) + "." + std::string(parts[1]), bytes_of(parts[2])));
}

TEST_CASE("google credentials: a refusal carries Google's reason and the file's name, not the key") {
  const test::RsaTestKey key;
  CredentialFixture f;
  f.environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/etc/key.json";
  f.environment.files["/etc/key.json"] = key_file(key);
  auto credentials = make_google_credentials(f.parts);
  REQUIRE(credentials);
  f.answer(400, R"({"error":"invalid_grant","error_description":"Invalid JWT: Token must be short-lived"})");
  const auto token = f.get(*credentials->tokens);
  CHECK(token.error().code == Code::unavailable);
  CHECK(token.error().message ==
        "Google's token endpoint answered with status 400: invalid_grant: Invalid JWT: Token must be "
        "short-lived");
  CHECK(token.error().hint.contains("/etc/key.json"));
}

TEST_CASE("google credentials: a user's login refreshes its token") {
  CredentialFixture f;
  f.environment.variables["HOME"] = "/home/w";
  f.environment.files["/home/w/.config/gcloud/application_default_credentials.json"] =
      R"({"type":"authorized_user","client_id":"id","client_secret":"s&","refresh_token":"1//r","quota_project_id":"q"})";
  auto credentials = make_google_credentials(f.parts);
  REQUIRE(credentials);
  CHECK(credentials->quota_project == "q");
  CHECK(credentials->project.empty());
  f.answer(200, R"({"access_token":"ya29.user","expires_in":3599})");
  CHECK(f.get(*credentials->tokens)->value.reveal() == "ya29.user");
  CHECK(f.client.sent[0].body ==
        "grant_type=refresh_token&client_id=id&client_secret=s%26&refresh_token=1%2F%2Fr");
}

TEST_CASE("google credentials: the metadata server, and only Google's") {
  CredentialFixture f;
  f.answer(200, R"({"access_token":"ya29.vm","expires_in":3000})", {{"metadata-flavor", "Google"}});
  f.answer(200, R"({"access_token":"evil","expires_in":3000})");
  CHECK(f.get(*make_google_credentials(f.parts)->tokens)->value.reveal() == "ya29.vm");
  CHECK(f.client.sent[0].url ==
        "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token?"
        "scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform");
  CHECK(f.client.sent[0].headers.get("metadata-flavor") == "Google");
  f.environment.variables["GCE_METADATA_HOST"] = "127.0.0.1:8080";
  const auto other = f.get(*make_google_credentials(f.parts)->tokens);
  CHECK(f.client.sent[1].url.starts_with("http://127.0.0.1:8080/"));
  CHECK(other.error().message.contains("is not Google's metadata server"));
}

TEST_CASE("google credentials: unusable files say what is wrong with them") {
  CredentialFixture f;
  f.environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/etc/key.json";
  const auto message = [&] { return make_google_credentials(f.parts).error().message; };
  CHECK(message().contains("GOOGLE_APPLICATION_CREDENTIALS"));
  for (const auto& [text, why] :
       {std::pair{"no json", "no JSON"},
        {R"({"type":"external_account"})", "external_account"},
        {R"({"type":"service_account"})", "client_email"},
        {R"({"type":"service_account","client_email":"a@b","private_key":"x"})", "private key"},
        {R"({"type":"authorized_user","client_id":"a"})", "refresh_token"},
        {R"({"type":"authorized_user","token_uri":"http://evil.example"})", "clear text"}}) {
    f.environment.files["/etc/key.json"] = text;
    CHECK(message().contains(why));
    CHECK(message().contains("/etc/key.json"));
  }
}

}  // namespace weir::model

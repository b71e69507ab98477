#include "model/providers/google/credentials.h"

#include "base/json.h"
#include "base/text.h"
#include "model/providers/token_fetch.h"

namespace weir::model {
namespace {

constexpr std::string_view kTokenUrl = "https://oauth2.googleapis.com/token";
constexpr std::string_view kJwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::string_view kMetadataHost = "metadata.google.internal";
constexpr std::string_view kMetadataToken = "/computeMetadata/v1/instance/service-accounts/default/token";
constexpr auto kAssertionLife = std::chrono::hours(1);  // the longest that Google takes

struct ServiceAccount {
  std::string email;
  std::string key_id;
  net::RsaKey key;
  std::string token_url;
};

class ServiceAccountFetcher final : public TokenFetcher {
 public:
  ServiceAccountFetcher(const CredentialParts& parts, ServiceAccount account, Endpoint endpoint,
                        std::string path)
      : parts_(parts), account_(std::move(account)), endpoint_(std::move(endpoint)), path_(std::move(path)) {}

  Task<Result<Token>> fetch() override {
    const WallTime now = parts_.clock.wall();
    const auto assertion =
        service_account_assertion(account_.email, account_.key_id, account_.key, account_.token_url, now);
    if (!assertion) co_return std::unexpected(assertion.error());
    IssuerRequest request = form_request(endpoint_.origin, endpoint_.target,
                                         {{"grant_type", kJwtGrant}, {"assertion", *assertion}});
    request.name = "Google's token endpoint";
    request.hint = "check the service account's key in " + path_ + ", and this machine's clock";
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    co_return oauth_token(answer->body, now, "Google's token endpoint");
  }

 private:
  const CredentialParts parts_;
  const ServiceAccount account_;
  const Endpoint endpoint_;
  const std::string path_;
};

struct AuthorizedUser {
  std::string client_id;
  Secret client_secret;
  Secret refresh_token;
};

class AuthorizedUserFetcher final : public TokenFetcher {
 public:
  AuthorizedUserFetcher(const CredentialParts& parts, AuthorizedUser user, Endpoint endpoint,
                        std::string path)
      : parts_(parts), user_(std::move(user)), endpoint_(std::move(endpoint)), path_(std::move(path)) {}

  Task<Result<Token>> fetch() override {
    const WallTime now = parts_.clock.wall();
    IssuerRequest request = form_request(endpoint_.origin, endpoint_.target,
                                         {{"grant_type", "refresh_token"},
                                          {"client_id", user_.client_id},
                                          {"client_secret", user_.client_secret.reveal()},
                                          {"refresh_token", user_.refresh_token.reveal()}});
    request.name = "Google's token endpoint";
    request.hint = "sign in again with gcloud auth application-default login; the login is in " + path_;
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    co_return oauth_token(answer->body, now, "Google's token endpoint");
  }

 private:
  const CredentialParts parts_;
  const AuthorizedUser user_;
  const Endpoint endpoint_;
  const std::string path_;
};

class MetadataServerFetcher final : public TokenFetcher {
 public:
  MetadataServerFetcher(const CredentialParts& parts, net::Origin server)
      : parts_(parts), server_(std::move(server)) {}

  Task<Result<Token>> fetch() override {
    const WallTime now = parts_.clock.wall();
    IssuerRequest request;
    request.origin = server_;
    request.request.method = "GET";
    request.request.target = std::string(kMetadataToken) + "?scopes=" + percent_encode(kGoogleScope);
    request.request.headers.add("metadata-flavor", "Google");
    request.name = "Google's metadata server";
    request.hint =
        "set GOOGLE_APPLICATION_CREDENTIALS to a key's file, or give this machine a service account";
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    // Somebody else's server at that name does not send it (google-auth checks the same).
    if (answer->headers.get("metadata-flavor") != "Google") {
      co_return fail(Code::upstream_failed,
                     "what answers at " + server_.to_string() + " is not Google's metadata server",
                     "set GOOGLE_APPLICATION_CREDENTIALS to a key's file");
    }
    co_return oauth_token(answer->body, now, "Google's metadata server");
  }

 private:
  const CredentialParts parts_;
  const net::Origin server_;
};

std::unexpected<Error> unusable(const std::string& path, std::string_view why) {
  return fail(
      Code::unavailable, "the credentials in " + path + " cannot be used: " + std::string(why),
      "give GOOGLE_APPLICATION_CREDENTIALS the key of a service account, as the Cloud console writes it");
}

Result<std::unique_ptr<TokenFetcher>> service_account(const CredentialParts& parts, const json::value& file,
                                                      const std::string& path, Endpoint endpoint,
                                                      std::string token_url) {
  const std::string_view email = string_member(file, "client_email");
  if (email.empty()) return unusable(path, "client_email is missing");
  auto key = net::RsaKey::from_pem(Secret(std::string(string_member(file, "private_key"))));
  if (!key) return unusable(path, key.error().message);
  ServiceAccount account{.email = std::string(email),
                         .key_id = std::string(string_member(file, "private_key_id")),
                         .key = *std::move(key),
                         .token_url = std::move(token_url)};
  return std::make_unique<ServiceAccountFetcher>(parts, std::move(account), std::move(endpoint), path);
}

Result<std::unique_ptr<TokenFetcher>> authorized_user(const CredentialParts& parts, const json::value& file,
                                                      const std::string& path, Endpoint endpoint) {
  AuthorizedUser user{.client_id = std::string(string_member(file, "client_id")),
                      .client_secret = Secret(std::string(string_member(file, "client_secret"))),
                      .refresh_token = Secret(std::string(string_member(file, "refresh_token")))};
  if (user.client_id.empty() || user.client_secret.empty() || user.refresh_token.empty()) {
    return unusable(path, "client_id, client_secret or refresh_token is missing");
  }
  return std::make_unique<AuthorizedUserFetcher>(parts, std::move(user), std::move(endpoint), path);
}

Result<GoogleCredentials> from_file(const CredentialParts& parts, const std::string& text,
                                    const std::string& path) {
  const auto file = parse_json(text);
  if (!file) return unusable(path, "it is no JSON");
  const std::string_view type = string_member(*file, "type");
  const std::string_view given_url = string_member(*file, "token_uri");
  const std::string token_url(given_url.empty() ? kTokenUrl : given_url);
  auto endpoint = parse_secret_endpoint(token_url, "token_uri in " + path);
  if (!endpoint) return fail(endpoint);
  Result<std::unique_ptr<TokenFetcher>> fetcher;
  if (type == "service_account") {
    fetcher = service_account(parts, *file, path, *std::move(endpoint), token_url);
  } else if (type == "authorized_user") {
    fetcher = authorized_user(parts, *file, path, *std::move(endpoint));
  } else {
    return unusable(
        path, "its type is \"" + std::string(type) + "\"; service_account and authorized_user are read");
  }
  if (!fetcher) return fail(fetcher);
  GoogleCredentials credentials;
  credentials.tokens = std::make_unique<RefreshedToken>(*std::move(fetcher), parts.clock, parts.random);
  credentials.project = string_member(*file, "project_id");
  credentials.quota_project = string_member(*file, "quota_project_id");
  return credentials;
}

}  // namespace

Result<std::string> service_account_assertion(std::string_view email, std::string_view key_id,
                                              const net::RsaKey& key, std::string_view audience,
                                              WallTime now) {
  json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!key_id.empty()) header["kid"] = key_id;
  const std::int64_t issued_at = now / std::chrono::seconds(1);
  const json::object claims{{"iss", email},
                            {"scope", kGoogleScope},
                            {"aud", audience},
                            {"iat", issued_at},
                            {"exp", issued_at + kAssertionLife / std::chrono::seconds(1)}};
  std::string text = to_base64url(json::serialize(header)) + "." + to_base64url(json::serialize(claims));
  auto signature = key.sign_sha256(text);
  if (!signature) return fail(signature);
  return text + "." + to_base64url(*signature);
}

Result<GoogleCredentials> make_google_credentials(const CredentialParts& parts) {
  const Environment& environment = parts.environment;
  if (const auto path = environment.variable("GOOGLE_APPLICATION_CREDENTIALS")) {
    const auto text = environment.read_file(*path);
    if (!text) {
      return fail(Code::unavailable, "GOOGLE_APPLICATION_CREDENTIALS: " + text.error().message,
                  text.error().hint);
    }
    return from_file(parts, *text, *path);
  }
  const std::string folder =
      environment.variable_or("CLOUDSDK_CONFIG", environment.variable_or("HOME", "") + "/.config/gcloud");
  const std::string path = folder + "/application_default_credentials.json";
  if (const auto text = environment.read_file(path)) return from_file(parts, *text, path);
  const std::string host = environment.variable_or("GCE_METADATA_HOST", kMetadataHost);
  auto server = net::Origin::parse("http://" + host);
  if (!server)
    return fail(Code::invalid_request, "GCE_METADATA_HOST is no host: " + server.error().message, "unset it");
  GoogleCredentials credentials;
  credentials.tokens = std::make_unique<RefreshedToken>(
      std::make_unique<MetadataServerFetcher>(parts, *std::move(server)), parts.clock, parts.random);
  return credentials;
}

}  // namespace weir::model

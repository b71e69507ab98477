#include "ops/upstream/cloud_tokens.h"

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kTokenPrefix = "simulated-token-";
constexpr std::string_view kRole = "simulated";
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kGoogleMetadata = "/computeMetadata/v1/instance/service-accounts/default/token";
constexpr std::string_view kSession = "simulated-metadata-session";

net::Response json_answer(int status, const json::object& body) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .body = json::serialize(body)};
}

net::Response text_answer(int status, std::string_view body) {
  return {.status = status, .headers = {{"content-type", "text/plain"}}, .body = std::string(body)};
}

std::string form_value(std::string_view form, std::string_view name) {
  for (const std::string_view part : split(form, '&')) {
    if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") continue;
    return percent_decode(part.substr(name.size() + 1)).value_or("");
  }
  return {};
}

// Header and claims can be read, and the claims are about a token of now.
bool is_assertion(std::string_view text, WallTime now) {
  const auto parts = split(text, '.');
  if (parts.size() != 3 || parts[2].empty()) return false;
  std::string claims_text(parts[1]);
  for (char& c : claims_text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (claims_text.size() % 4 != 0) claims_text += '=';
  const auto decoded = from_base64(claims_text);
  const auto claims = decoded ? parse_json(*decoded) : Result<json::value>(fail(Code::invalid_request, ""));
  const json::value* expiry = claims ? find_member(*claims, "exp") : nullptr;
  return expiry != nullptr && expiry->is_int64() && expiry->get_int64() > now / std::chrono::seconds(1) &&
         !string_member(*claims, "iss").empty();
}

}  // namespace

CloudTokens::CloudTokens(const CloudConfig& config, const Clock& clock, Random& random)
    : config_(config), clock_(clock), random_(random) {}

std::optional<net::Response> CloudTokens::answer(const net::Request& request, std::string_view body) {
  const std::string_view path = request.path;
  const bool is_post = request.method == "POST";
  if (is_post && path == "/" && form_value(body, "Action") == "AssumeRoleWithWebIdentity")
    return sts_answer();
  if (path == "/container-credentials") return keys_answer();
  if (is_post && path == "/token") {
    const std::string grant = form_value(body, "grant_type");
    const bool proven = grant == "refresh_token" ? !form_value(body, "refresh_token").empty()
                                                 : is_assertion(form_value(body, "assertion"), clock_.wall());
    if (proven) return oauth_answer();
    return json_answer(400, {{"error", "invalid_grant"}, {"error_description", "Invalid JWT Signature."}});
  }
  if (is_post && path.ends_with("/oauth2/v2.0/token")) {
    const bool proven =
        !form_value(body, "client_id").empty() &&
        form_value(body, "client_secret").size() + form_value(body, "client_assertion").size() > 0;
    if (proven) return oauth_answer();
    return json_answer(401, {{"error", "invalid_client"},
                             {"error_description", "AADSTS7000215: Invalid client secret provided."}});
  }
  return metadata_answer(request);
}

std::optional<net::Response> CloudTokens::metadata_answer(const net::Request& request) {
  const std::string_view path = request.path;
  if (path == kGoogleMetadata) {
    if (request.headers.get("metadata-flavor") != "Google")
      return text_answer(403, "Missing Metadata-Flavor");
    net::Response answer = oauth_answer();
    answer.headers.add("metadata-flavor", "Google");
    return answer;
  }
  if (path == "/latest/api/token" && request.method == "PUT") return text_answer(200, kSession);
  if (!path.starts_with(kRoles)) return std::nullopt;
  if (request.headers.get("x-aws-ec2-metadata-token") != kSession) return text_answer(401, "Unauthorized");
  if (path == kRoles) return text_answer(200, kRole);
  return path.substr(kRoles.size()) == kRole ? keys_answer() : text_answer(404, "Not Found");
}

bool CloudTokens::takes_bearer(std::string_view token) {
  if (!token.starts_with(kTokenPrefix)) return !token.empty();
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(token);
  return found != by_id_.end() && found->second.expires_at > clock_.wall();
}

std::optional<model::AwsKeys> CloudTokens::aws_keys(std::string_view access_key_id) {
  if (access_key_id == config_.aws_key_id) {
    return model::AwsKeys{.access_key_id = config_.aws_key_id,
                          .secret_access_key = config_.aws_secret,
                          .session_token = Secret()};
  }
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(access_key_id);
  if (found == by_id_.end() || found->second.expires_at <= clock_.wall()) return std::nullopt;
  return found->second.keys;
}

std::string CloudTokens::random_text() {
  std::array<std::byte, 16> bytes;
  random_.fill(bytes);
  return to_base62(bytes, 22);
}

void CloudTokens::remember(std::string id, Issued issued) {
  ++issued_;
  const std::lock_guard lock(mutex_);
  if (by_id_.size() < kIssuedMax) by_id_.emplace(std::move(id), std::move(issued));
}

std::string CloudTokens::issue_bearer() {
  std::string token = std::string(kTokenPrefix) + random_text();
  remember(token, {.keys = {}, .expires_at = clock_.wall() + config_.token_life});
  return token;
}

CloudTokens::Issued CloudTokens::issue_keys() {
  Issued issued{.keys = {.access_key_id = "ASIA" + random_text().substr(0, 16),
                         .secret_access_key = Secret(random_text()),
                         .session_token = Secret("simulated-session-" + random_text())},
                .expires_at = clock_.wall() + config_.token_life};
  remember(issued.keys.access_key_id, issued);
  return issued;
}

net::Response CloudTokens::oauth_answer() {
  return json_answer(200, {{"access_token", issue_bearer()},
                           {"expires_in", config_.token_life.count()},
                           {"token_type", "Bearer"}});
}

net::Response CloudTokens::keys_answer() {
  const Issued issued = issue_keys();
  return json_answer(200, {{"Code", "Success"},
                           {"Type", "AWS-HMAC"},
                           {"AccessKeyId", issued.keys.access_key_id},
                           {"SecretAccessKey", issued.keys.secret_access_key.reveal()},
                           {"Token", issued.keys.session_token.reveal()},
                           {"Expiration", to_rfc3339(issued.expires_at)}});
}

net::Response CloudTokens::sts_answer() {
  const Issued issued = issue_keys();
  const auto element = [](std::string_view name, std::string_view value) {
    return "<" + std::string(name) + ">" + std::string(value) + "</" + std::string(name) + ">";
  };
  std::string body =
      R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">)"
      "<AssumeRoleWithWebIdentityResult><Credentials>";
  body += element("AccessKeyId", issued.keys.access_key_id) +
          element("SecretAccessKey", issued.keys.secret_access_key.reveal()) +
          element("SessionToken", issued.keys.session_token.reveal()) +
          element("Expiration", to_rfc3339(issued.expires_at));
  body += "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
  return {.headers = {{"content-type", "text/xml"}}, .body = std::move(body)};
}

}  // namespace weir::ops::upstream

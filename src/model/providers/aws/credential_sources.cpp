#include "model/providers/aws/credential_sources.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/providers/aws/key_readers.h"
#include "model/providers/token_fetch.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr auto kFileReread = std::chrono::minutes(15);
constexpr std::string_view kContainerAgent = "http://169.254.170.2";
constexpr std::array kAgentHosts{"169.254.170.2"sv, "169.254.170.23"sv, "fd00:ec2::23"sv};
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";

class WebIdentity final : public TokenFetcher {
 public:
  WebIdentity(const CredentialParts& parts, Endpoint sts, std::string token_file, std::string role,
              std::string session)
      : parts_(parts),
        sts_(std::move(sts)),
        token_file_(std::move(token_file)),
        role_(std::move(role)),
        session_(std::move(session)) {}

  Task<Result<Token>> fetch() override {
    const auto web_token = parts_.environment.read_file(token_file_);
    if (!web_token) {
      co_return fail(Code::unavailable, "AWS_WEB_IDENTITY_TOKEN_FILE: " + web_token.error().message,
                     web_token.error().hint);
    }
    IssuerRequest request = form_request(sts_.origin, sts_.target,
                                         {{"Action", "AssumeRoleWithWebIdentity"},
                                          {"Version", "2011-06-15"},
                                          {"RoleArn", role_},
                                          {"RoleSessionName", session_},
                                          {"WebIdentityToken", trim(*web_token)}});
    request.request.headers.set("accept", "text/xml");
    request.name = "AWS STS";
    request.hint = "check that AWS_ROLE_ARN (" + role_ + ") trusts the issuer of the token in " + token_file_;
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    co_return sts_keys(answer->body);
  }

 private:
  const CredentialParts parts_;
  const Endpoint sts_;
  const std::string token_file_;
  const std::string role_;
  const std::string session_;
};

class SharedFile final : public TokenFetcher {
 public:
  explicit SharedFile(const CredentialParts& parts) : parts_(parts) {}
  Task<Result<Token>> fetch() override {
    auto keys = shared_file_keys(parts_.environment);
    if (keys) keys->expires_at = parts_.clock.wall() + kFileReread;
    co_return keys;
  }

 private:
  const CredentialParts parts_;
};

class ContainerAgent final : public TokenFetcher {
 public:
  ContainerAgent(const CredentialParts& parts, Endpoint agent) : parts_(parts), agent_(std::move(agent)) {}

  Task<Result<Token>> fetch() override {
    auto authorization = authorization_token();
    if (!authorization) co_return fail(authorization);
    IssuerRequest request;
    request.origin = agent_.origin;
    request.request.method = "GET";
    request.request.target = agent_.target;
    request.request.headers.add("accept", "application/json");
    if (!authorization->empty()) request.request.headers.add("authorization", authorization->reveal());
    request.name = "the container's credentials agent";
    request.hint =
        "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, and the role of this task or pod";
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    co_return metadata_keys(answer->body, "the container's credentials agent");
  }

 private:
  Result<Secret> authorization_token() const {
    std::string token = parts_.environment.variable_or("AWS_CONTAINER_AUTHORIZATION_TOKEN", "");
    if (const auto path = parts_.environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
      const auto text = parts_.environment.read_file(*path);
      if (!text) {
        return fail(Code::unavailable, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + text.error().message,
                    text.error().hint);
      }
      token = trim(*text);
    }
    return Secret(std::move(token));
  }

  const CredentialParts parts_;
  const Endpoint agent_;
};

class InstanceMetadata final : public TokenFetcher {
 public:
  InstanceMetadata(const CredentialParts& parts, net::Origin service)
      : parts_(parts), service_(std::move(service)) {}

  Task<Result<Token>> fetch() override {
    auto session = co_await ask("PUT", "/latest/api/token", "x-aws-ec2-metadata-token-ttl-seconds", "21600");
    if (!session) co_return fail(session);
    const std::string session_token(trim(*session));
    auto roles = co_await ask("GET", std::string(kRolesPath), kSessionField, session_token);
    if (!roles) co_return fail(roles);
    const std::string_view role = trim(split(trim(*roles), '\n').front());
    if (role.empty())
      co_return fail(Code::unavailable, "this EC2 instance has no role", "attach an instance profile to it");
    const std::string path = std::string(kRolesPath) + percent_encode(role);
    auto keys = co_await ask("GET", path, kSessionField, session_token);
    if (!keys) co_return fail(keys);
    co_return metadata_keys(*keys, kName);
  }

 private:
  static constexpr std::string_view kName = "EC2's metadata service";
  static constexpr std::string_view kSessionField = "x-aws-ec2-metadata-token";

  Task<Result<std::string>> ask(std::string_view method, std::string path, std::string_view field,
                                std::string value) {
    IssuerRequest request;
    request.origin = service_;
    request.request.method = method;
    request.request.target = std::move(path);
    request.request.headers.add(field, value);
    request.name = kName;
    request.hint =
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this instance a role (and, for containers, "
        "a "
        "metadata hop limit of 2)";
    auto answer = co_await ask_issuer(parts_.client, std::move(request));
    if (!answer) co_return fail(answer);
    co_return std::move(answer->body);
  }

  const CredentialParts parts_;
  const net::Origin service_;
};

// A role session's name is for AWS's logs: which process it was.
std::string session_name(const CredentialParts& parts) {
  if (auto name = parts.environment.variable("AWS_ROLE_SESSION_NAME")) return *std::move(name);
  std::array<std::byte, 8> bytes{};
  parts.random.fill(bytes);
  return "weir-" + to_hex(bytes);
}

Result<Endpoint> sts_endpoint(const Environment& environment) {
  if (const auto url = environment.variable("AWS_ENDPOINT_URL_STS"))
    return parse_secret_endpoint(*url, "AWS_ENDPOINT_URL_STS");
  const std::string region =
      environment.variable_or("AWS_REGION", environment.variable_or("AWS_DEFAULT_REGION", ""));
  if (region.empty()) return parse_secret_endpoint("https://sts.amazonaws.com", "the endpoint of AWS STS");
  const std::string domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  return parse_secret_endpoint("https://sts." + region + domain, "AWS_REGION");
}

bool is_agent(const net::Origin& origin) {
  return keeps_secrets(origin) || std::ranges::find(kAgentHosts, origin.host) != kAgentHosts.end();
}

}  // namespace

Result<std::unique_ptr<TokenFetcher>> make_web_identity(const CredentialParts& parts) {
  const auto token_file = parts.environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto role = parts.environment.variable("AWS_ROLE_ARN");
  if (!token_file || !role) {
    return fail(Code::unavailable,
                std::string(token_file ? "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"
                                       : "AWS_WEB_IDENTITY_TOKEN_FILE is not set"),
                "set both; EKS does it for service accounts with a role");
  }
  auto sts = sts_endpoint(parts.environment);
  if (!sts) return fail(sts);
  return std::make_unique<WebIdentity>(parts, *std::move(sts), *token_file, *role, session_name(parts));
}

Result<Token> shared_file_keys(const Environment& environment) {
  const auto home = environment.variable_or("HOME", "");
  const std::string path = environment.variable_or("AWS_SHARED_CREDENTIALS_FILE", home + "/.aws/credentials");
  const auto text = environment.read_file(path);
  if (!text)
    return fail(Code::unavailable, text.error().message,
                "set AWS_SHARED_CREDENTIALS_FILE, or unset AWS_PROFILE");
  return profile_keys(*text, path, environment.variable_or("AWS_PROFILE", "default"));
}

std::unique_ptr<TokenFetcher> make_shared_file(const CredentialParts& parts) {
  return std::make_unique<SharedFile>(parts);
}

Result<std::unique_ptr<TokenFetcher>> make_container_credentials(const CredentialParts& parts) {
  if (const auto path = parts.environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    if (!path->starts_with('/')) {
      return fail(Code::invalid_request, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path",
                  "it begins with /");
    }
    auto agent =
        parse_endpoint(std::string(kContainerAgent) + *path, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (!agent) return fail(agent);
    return std::make_unique<ContainerAgent>(parts, *std::move(agent));
  }
  const std::string url = parts.environment.variable_or("AWS_CONTAINER_CREDENTIALS_FULL_URI", "");
  auto agent = parse_endpoint(url, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!agent) return fail(agent);
  if (!is_agent(agent->origin)) {
    return fail(Code::invalid_request,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names a host to which keys must not go in clear text",
                "use https, a loopback address, or the address of an agent of AWS");
  }
  return std::make_unique<ContainerAgent>(parts, *std::move(agent));
}

Result<std::unique_ptr<TokenFetcher>> make_instance_credentials(const CredentialParts& parts) {
  if (to_lower(parts.environment.variable_or("AWS_EC2_METADATA_DISABLED", "")) == "true") {
    return fail(Code::unavailable, "no AWS credentials are configured, and AWS_EC2_METADATA_DISABLED is true",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK");
  }
  auto service = net::Origin::parse(
      parts.environment.variable_or("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254"));
  if (!service) {
    return fail(Code::invalid_request,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL: " + service.error().message,
                service.error().hint);
  }
  return std::make_unique<InstanceMetadata>(parts, *std::move(service));
}

}  // namespace weir::model

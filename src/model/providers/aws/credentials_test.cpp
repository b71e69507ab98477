#include "model/providers/aws/credentials.h"

#include <doctest/doctest.h>

#include "base/time_format.h"
#include "issuer_fakes.h"
#include "model/providers/aws/key_readers.h"

namespace weir::model {
namespace {

using fakes::CredentialFixture;

constexpr std::string_view kBearer = "AWS_BEARER_TOKEN_BEDROCK";

std::unique_ptr<TokenSource> made(CredentialFixture& f) {
  auto source = make_aws_credentials(f.parts, {kBearer});
  REQUIRE(source);
  return *std::move(source);
}

Error refusal(CredentialFixture& f) {
  auto source = make_aws_credentials(f.parts, {kBearer});
  REQUIRE_FALSE(source);
  return source.error();
}

// "id secret session"
std::string keys(const Result<Token>& token) {
  REQUIRE(token);
  return token->key_id + " " + std::string(token->value.reveal()) + " " +
         std::string(token->session.reveal());
}

std::string metadata_answer(const Clock& clock) {
  return R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1","Expiration":")" +
         to_rfc3339(clock.wall() + std::chrono::hours(1)) + "\"}";
}

}  // namespace

TEST_CASE("aws credentials: an API key comes before all keys") {
  CredentialFixture f;
  f.environment.variables = {{"AWS_BEARER_TOKEN_BEDROCK", "key"}, {"AWS_ACCESS_KEY_ID", "AKID"}};
  const auto token = f.get(*made(f));
  CHECK(token->value.reveal() == "key");
  CHECK(token->key_id.empty());
}

TEST_CASE("aws credentials: keys of the environment, both or neither") {
  CredentialFixture f;
  f.environment.variables = {
      {"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}};
  CHECK(keys(f.get(*made(f))) == "AKID s t");
  f.environment.variables.erase("AWS_SECRET_ACCESS_KEY");
  CHECK(refusal(f).message.contains("without AWS_SECRET_ACCESS_KEY"));
}

TEST_CASE("aws credentials: web identity asks STS for keys") {
  CredentialFixture f;
  f.environment.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token"},
                             {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                             {"AWS_REGION", "eu-west-1"},
                             {"AWS_ROLE_SESSION_NAME", "weir-a"}};
  f.environment.files["/var/token"] = "eyJ.a+b\n";
  f.answer(200,
           "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\n"
           "<AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>s/2+</SecretAccessKey>"
           "<SessionToken>t2==</SessionToken><Expiration>" +
               to_rfc3339(f.clock.wall() + std::chrono::hours(1)) +
               "</Expiration></Credentials></AssumeRoleWithWebIdentityResult></"
               "AssumeRoleWithWebIdentityResponse>");
  const auto source = made(f);
  CHECK(keys(f.get(*source)) == "ASIA2 s/2+ t2==");
  CHECK(keys(f.get(*source)) == "ASIA2 s/2+ t2==");
  REQUIRE(f.client.sent.size() == 1);
  CHECK(f.client.sent[0].url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(f.client.sent[0].body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
        "RoleSessionName=weir-a&WebIdentityToken=eyJ.a%2Bb");
}

TEST_CASE("aws credentials: what goes wrong with web identity names the variable, the file and the reason") {
  CredentialFixture f;
  f.environment.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token"}};
  CHECK(refusal(f).message.contains("without AWS_ROLE_ARN"));
  f.environment.variables["AWS_ROLE_ARN"] = "arn:role";
  const auto no_file = f.get(*made(f));
  CHECK(no_file.error().message.contains("AWS_WEB_IDENTITY_TOKEN_FILE"));
  CHECK(no_file.error().message.contains("/var/token"));
  f.environment.files["/var/token"] = "secret-token";
  f.answer(
      403,
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform "
      "sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>");
  const auto refused = f.get(*made(f));
  CHECK(refused.error().code == Code::unavailable);
  CHECK(refused.error().message ==
        "AWS STS answered with status 403: AccessDenied: Not authorized to perform "
        "sts:AssumeRoleWithWebIdentity");
  CHECK(refused.error().hint.contains("arn:role"));
  CHECK_FALSE(refused.error().hint.contains("secret-token"));
}

TEST_CASE("aws credentials: profiles of the shared file, read again in time") {
  CredentialFixture f;
  f.environment.variables = {{"HOME", "/home/w"}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  f.environment.files["/home/w/.aws/credentials"] =
      "# mine\n[default]\naws_access_key_id = "
      "AKID\naws_secret_access_key=s\n\n[work]\r\nAWS_ACCESS_KEY_ID=AKW\r\n"
      "aws_secret_access_key = sw\r\naws_session_token = tw\r\n[empty]\n";
  const auto source = made(f);
  CHECK(keys(f.get(*source)) == "AKID s ");
  f.environment.files["/home/w/.aws/credentials"] =
      "[default]\naws_access_key_id=AKID2\naws_secret_access_key=s2\n";
  CHECK(keys(f.get(*source)) == "AKID s ");
  f.clock.advance(std::chrono::minutes(15));
  CHECK(keys(f.get(*source)) == "AKID2 s2 ");
}

TEST_CASE("aws credentials: a profile asked for by name must work") {
  CredentialFixture f;
  f.environment.variables = {{"AWS_SHARED_CREDENTIALS_FILE", "/etc/aws"}, {"AWS_PROFILE", "work"}};
  CHECK(refusal(f).message.contains("/etc/aws"));
  f.environment.files["/etc/aws"] =
      "[default]\naws_access_key_id=a\naws_secret_access_key=b\n[sso]\nsso_session=x\n";
  CHECK(refusal(f).message == "the profile \"work\" in /etc/aws does not exist");
  f.environment.variables["AWS_PROFILE"] = "sso";
  CHECK(refusal(f).hint.contains("SSO"));
  f.environment.variables["AWS_PROFILE"] = "default";
  CHECK(keys(f.get(*made(f))) == "a b ");
}

TEST_CASE("aws credentials: the agent of a container") {
  CredentialFixture f;
  f.environment.variables = {
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials?x=1"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/token"}};
  f.environment.files["/var/run/token"] = "pod-token\n";
  f.answer(200, metadata_answer(f.clock));
  CHECK(keys(f.get(*made(f))) == "ASIA1 s1 t1");
  CHECK(f.client.sent[0].url == "http://169.254.170.23/v1/credentials?x=1");
  CHECK(f.client.sent[0].method == "GET");
  CHECK(f.client.sent[0].headers.get("authorization") == "pod-token");
  f.environment.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1"},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "direct"}};
  f.answer(200, metadata_answer(f.clock));
  CHECK(keys(f.get(*made(f))) == "ASIA1 s1 t1");
  CHECK(f.client.sent[1].url == "http://169.254.170.2/v2/credentials/1");
  CHECK(f.client.sent[1].headers.get("authorization") == "direct");
}

TEST_CASE("aws credentials: keys do not travel in clear text through a network") {
  CredentialFixture f;
  for (const auto& [url, is_good] : {std::pair{"http://evil.example/x", false},
                                     {"http://169.254.170.2.evil.example/x", false},
                                     {"https://agent.example/x", true},
                                     {"http://127.0.0.1:9/x", true},
                                     {"http://[::1]:9/x", true},
                                     {"http://localhost/x", true},
                                     {"no url", false}}) {
    CAPTURE(std::string(url));
    f.environment.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}};
    const auto source = make_aws_credentials(f.parts, {kBearer});
    CHECK(source.has_value() == is_good);
    if (!source) CHECK(source.error().message.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  }
  f.environment.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ".evil.example/x"}};
  CHECK(refusal(f).code == Code::invalid_request);
}

TEST_CASE("aws credentials: an EC2 instance's role, by metadata version 2") {
  CredentialFixture f;
  f.answer(200, "session-token");
  f.answer(200, "my-role\n");
  f.answer(200, metadata_answer(f.clock));
  CHECK(keys(f.get(*made(f))) == "ASIA1 s1 t1");
  REQUIRE(f.client.sent.size() == 3);
  CHECK(f.client.sent[0].method == "PUT");
  CHECK(f.client.sent[0].url == "http://169.254.169.254/latest/api/token");
  CHECK(f.client.sent[0].headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600");
  CHECK(f.client.sent[1].url == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(f.client.sent[2].url == "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  for (int i = 1; i < 3; ++i) {
    CHECK(f.client.sent[static_cast<std::size_t>(i)].headers.get("x-aws-ec2-metadata-token") ==
          "session-token");
  }
}

TEST_CASE("aws credentials: off EC2 the error says what to set") {
  CredentialFixture f;
  f.client.answers.emplace_back(fail(Code::timed_out, "no connection after 2 s"));
  const auto token = f.get(*made(f));
  CHECK(token.error().code == Code::timed_out);
  CHECK(token.error().hint.contains("AWS_ACCESS_KEY_ID"));
  f.answer(200, "session-token");
  f.answer(404, "");
  f.clock.advance(std::chrono::seconds(10));
  CHECK(f.get(*made(f)).error().code == Code::unavailable);
  f.environment.variables["AWS_EC2_METADATA_DISABLED"] = "TRUE";
  CHECK(refusal(f).hint.contains("AWS_ACCESS_KEY_ID"));
}

TEST_CASE("aws credentials: incomplete answers are errors") {
  for (const std::string_view body :
       {"", "{}", R"({"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"})",
        R"({"AccessKeyId":"a","Expiration":"2026-11-24T00:00:00Z"})"}) {
    CHECK(metadata_keys(body, "it").error().code == Code::upstream_failed);
  }
  CHECK(metadata_keys(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume it"})", "it")
            .error()
            .message.contains("AssumeRoleUnauthorizedAccess"));
  for (const std::string_view body : {"", "<AccessKeyId>a", "<AccessKeyId>a</AccessKeyId>"}) {
    CHECK(sts_keys(body).error().code == Code::upstream_failed);
  }
}

}  // namespace weir::model

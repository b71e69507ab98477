#include "model/providers/aws/key_readers.h"

#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::model {
namespace {

// The text of the first <name> element; nullopt: none. AWS sends keys without nesting and without entities.
std::optional<std::string_view> element(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  const std::size_t at = xml.find(open);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t end = xml.find(close, at);
  if (end == std::string_view::npos) return std::nullopt;
  return trim(xml.substr(at + open.size(), end - at - open.size()));
}

struct Keys {
  std::string_view id, secret, session, expiration;
};

Result<Token> token_of(const Keys& keys, std::string_view issuer) {
  const auto expires_at = parse_rfc3339(keys.expiration);
  if (keys.id.empty() || keys.secret.empty() || !expires_at) {
    return fail(Code::upstream_failed, std::string(issuer) + " gave no complete credentials",
                "check the role that this machine or container has");
  }
  return Token{.value = Secret(std::string(keys.secret)),
               .expires_at = *expires_at,
               .key_id = std::string(keys.id),
               .session = Secret(std::string(keys.session))};
}

// Name and value of a line "name = value"; empty name: no such line.
std::pair<std::string, std::string_view> assignment(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || line.starts_with('#') || line.starts_with(';')) return {};
  return {to_lower(trim(line.substr(0, equals))), trim(line.substr(equals + 1))};
}

}  // namespace

Result<Token> metadata_keys(std::string_view body, std::string_view issuer) {
  const auto parsed = parse_json(body);
  if (!parsed) return token_of({}, issuer);
  if (const std::string_view code = string_member(*parsed, "Code"); !code.empty() && code != "Success") {
    return fail(Code::unavailable,
                std::string(issuer) + " refuses: " + std::string(code) + ": " +
                    std::string(string_member(*parsed, "Message")),
                "check the role that this machine or container has");
  }
  return token_of({.id = string_member(*parsed, "AccessKeyId"),
                   .secret = string_member(*parsed, "SecretAccessKey"),
                   .session = string_member(*parsed, "Token"),
                   .expiration = string_member(*parsed, "Expiration")},
                  issuer);
}

Result<Token> sts_keys(std::string_view body) {
  const auto text = [&](std::string_view name) { return element(body, name).value_or(std::string_view()); };
  return token_of({.id = text("AccessKeyId"),
                   .secret = text("SecretAccessKey"),
                   .session = text("SessionToken"),
                   .expiration = text("Expiration")},
                  "AWS STS");
}

Result<Token> profile_keys(std::string_view file, const std::string& path, std::string_view profile) {
  Token token;
  bool seen = false;
  bool inside = false;
  for (const std::string_view raw : split(file, '\n')) {
    const std::string_view line = trim(raw);
    if (line.starts_with('[')) {
      const std::string_view name = trim(line.substr(1, line.find(']') - 1));
      inside = name == profile;
      seen = seen || inside;
      continue;
    }
    if (!inside) continue;
    const auto [name, value] = assignment(line);
    if (name == "aws_access_key_id") token.key_id = value;
    if (name == "aws_secret_access_key") token.value = Secret(std::string(value));
    if (name == "aws_session_token") token.session = Secret(std::string(value));
  }
  const std::string where = "the profile \"" + std::string(profile) + "\" in " + path;
  if (!seen)
    return fail(Code::unavailable, where + " does not exist", "set AWS_PROFILE to a profile of that file");
  if (token.key_id.empty() || token.value.empty()) {
    return fail(Code::unavailable, where + " has no aws_access_key_id with aws_secret_access_key",
                "add both; SSO, credential_process and role_arn are not read");
  }
  return token;
}

}  // namespace weir::model

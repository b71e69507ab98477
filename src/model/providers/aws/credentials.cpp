#include "model/providers/aws/credentials.h"

#include "model/providers/aws/credential_sources.h"

namespace weir::model {
namespace {

std::unique_ptr<TokenSource> fixed(Token token) {
  return std::make_unique<FixedToken>(std::move(token));
}

Result<std::unique_ptr<TokenSource>> refreshed(const CredentialParts& parts,
                                               Result<std::unique_ptr<TokenFetcher>> fetcher) {
  if (!fetcher) return fail(fetcher);
  return std::make_unique<RefreshedToken>(*std::move(fetcher), parts.clock, parts.random);
}

// Half a pair of keys is a mistake, and going on to the next source would hide it.
Result<Token> keys_of_environment(const Environment& environment) {
  const auto id = environment.variable("AWS_ACCESS_KEY_ID");
  const auto secret = environment.variable("AWS_SECRET_ACCESS_KEY");
  if (!id || !secret) {
    return fail(Code::unavailable,
                std::string(id ? "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"
                               : "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID"),
                "set both, or neither");
  }
  return Token{.value = Secret(*secret),
               .expires_at = std::nullopt,
               .key_id = *id,
               .session = Secret(environment.variable_or("AWS_SESSION_TOKEN", ""))};
}

}  // namespace

Result<std::unique_ptr<TokenSource>> make_aws_credentials(
    const CredentialParts& parts, std::initializer_list<std::string_view> key_variables) {
  const Environment& environment = parts.environment;
  for (const std::string_view name : key_variables) {
    if (auto key = environment.variable(name))
      return fixed(Token{.value = Secret(*std::move(key)), .expires_at = std::nullopt});
  }
  if (environment.variable("AWS_ACCESS_KEY_ID") || environment.variable("AWS_SECRET_ACCESS_KEY")) {
    auto keys = keys_of_environment(environment);
    if (!keys) return fail(keys);
    return fixed(*std::move(keys));
  }
  if (environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE")) return refreshed(parts, make_web_identity(parts));
  auto in_file = shared_file_keys(environment);
  if (in_file) return refreshed(parts, make_shared_file(parts));
  if (environment.variable("AWS_PROFILE")) return fail(in_file);  // asked for by name
  if (environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
      environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    return refreshed(parts, make_container_credentials(parts));
  }
  return refreshed(parts, make_instance_credentials(parts));
}

}  // namespace weir::model

#include "model/providers/azure/foundry.h"

#include <doctest/doctest.h>

#include "fake_environment.h"

namespace weir::model {

TEST_CASE("foundry: the origin by resource or by URL") {
  CHECK(foundry_origin("my-resource")->to_string() == "https://my-resource.services.ai.azure.com/anthropic");
  for (const std::string_view wrong : {"", "a.b", "evil.example/", "a b"}) CHECK_FALSE(foundry_origin(wrong));
  fakes::FakeEnvironment environment;
  CHECK(foundry_origin(environment).error().hint.contains("ANTHROPIC_FOUNDRY_RESOURCE"));
  environment.variables["ANTHROPIC_FOUNDRY_RESOURCE"] = "r1";
  CHECK(foundry_origin(environment)->host == "r1.services.ai.azure.com");
  environment.variables["ANTHROPIC_FOUNDRY_BASE_URL"] = "http://127.0.0.1:9/anthropic/";
  CHECK(foundry_origin(environment)->to_string() == "http://127.0.0.1:9/anthropic");
}

TEST_CASE("foundry: a key in both fields, a token in its own") {
  const Token token{.value = Secret("s"), .expires_at = std::nullopt};
  net::ClientRequest with_key;
  authorize_foundry(with_key, token, FoundryAuth::api_key);
  CHECK(with_key.headers.get("x-api-key") == "s");
  CHECK(with_key.headers.get("api-key") == "s");
  CHECK_FALSE(with_key.headers.contains("authorization"));
  net::ClientRequest with_token;
  authorize_foundry(with_token, token, FoundryAuth::entra);
  CHECK(with_token.headers.get("authorization") == "Bearer s");
  CHECK(with_token.headers.size() == 1);
}

}  // namespace weir::model

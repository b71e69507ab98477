#include "net/tls/rsa_key.h"

#include <doctest/doctest.h>

#include "rsa_test_key.h"

namespace weir::net {

TEST_CASE("rsa key: signs so that the public key agrees") {
  const test::RsaTestKey key;
  const auto mine = RsaKey::from_pem(Secret(key.pem()));
  REQUIRE(mine);
  const auto signature = mine->sign_sha256("header.claims");
  REQUIRE(signature);
  CHECK(signature->size() == 256);
  CHECK(key.signed_by("header.claims", *signature));
  CHECK_FALSE(key.signed_by("header.claimS", *signature));
  CHECK(mine->sign_sha256("header.claims") == *signature);  // PKCS #1 v1.5 is deterministic
}

TEST_CASE("rsa key: says what is wrong with a key, without showing it") {
  const std::string good = test::RsaTestKey().pem();
  for (const std::string& pem :
       {std::string(), std::string("nonsense"), good.substr(0, good.size() / 2),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        test::RsaTestKey::elliptic_pem()}) {
    const auto key = RsaKey::from_pem(Secret(pem));
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::invalid_request);
    CHECK_FALSE(key.error().hint.empty());
    CHECK_FALSE(key.error().message.contains("AAAA"));
  }
}

}  // namespace weir::net

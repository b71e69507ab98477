// net/tls/rsa_key.h: signing with an RSA key, as service accounts prove who they are (RFC 7518 §3.3, RS256).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace weir::net {

// Immutable: any thread may sign.
class RsaKey {
 public:
  // A private key in PEM (PKCS #8 or PKCS #1), without a passphrase. invalid_request: it is none.
  static Result<RsaKey> from_pem(const Secret& pem);
  // RSASSA-PKCS1-v1_5 over SHA-256. About a millisecond with 2048 bits. internal: OpenSSL failed.
  Result<std::string> sign_sha256(std::string_view bytes) const;

 private:
  explicit RsaKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;  // EVP_PKEY; shared so that a key can be copied, and it never changes
};

}  // namespace weir::net

// data/keys.h: API keys, hashed at rest.
//
// A token reads weir_<env>_<id: 12 base62>_<secret: 43 base62, 32 random bytes>_<crc32: 6 base62>; the
// checksum over everything before it lets a wrong token be refused without a look-up, and secret
// scanners recognise the prefix. Only SHA-256(secret) is stored: a secret of 256 random bits needs no
// slow hash.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "data/tenant.h"

namespace weir::data {

// What a key may be for. One that names none has all but those that are about everybody: "metrics", which
// tell what all keys do, and "admin".
inline constexpr std::array<std::string_view, 5> kKeyScopes{"chat", "documents", "models", "metrics",
                                                            "admin"};

struct ApiKey {
  std::string id;    // 12 characters, part of the token; fit for logs
  std::string name;  // the operator's label
  TenantId tenant = default_tenant();
  std::vector<std::string> scopes;     // of kKeyScopes; empty: see there
  std::string secret_sha256;           // hex
  std::string previous_secret_sha256;  // during a rotation's overlap; empty otherwise
  WallTime previous_valid_until{};
  WallTime created_at{};
  WallTime expires_at{};  // 0: never
  WallTime revoked_at{};  // 0: live
};

// Who calls, as the edge knows it after the key check.
struct Principal {
  std::string key_id;  // "static:<8 hex of its hash>" for VALID_API_KEYS, "anonymous" without keys
  std::string name;
  TenantId tenant = default_tenant();
  std::vector<std::string> scopes;
  bool is_operators = false;  // one of VALID_API_KEYS, which the operator keeps: has the scope "metrics", too
};

// verify() is for the hot path: it reads an immutable snapshot in memory, from any thread, and makes
// no I/O. The others write through to the store and block: call them from the command line or a pool.
class Keys {
 public:
  virtual ~Keys() = default;
  // nullopt: malformed, unknown, wrong, expired or revoked. What has the right checksum, which needs no
  // secret to make, takes the same time whether it is known or not.
  virtual std::optional<Principal> verify(std::string_view token) const = 0;
  // A key exists, live or dead: where the last one is revoked or expires, nobody gets in, rather than
  // everybody.
  virtual bool any() const = 0;

  // The token is shown once and cannot be had again.
  virtual Result<Secret> create(std::string name, TenantId tenant, std::vector<std::string> scopes,
                                WallTime expires_at) = 0;
  virtual Result<std::vector<ApiKey>> list() = 0;
  virtual Result<> revoke(std::string_view id) = 0;
  // A new secret for the same id; the old one stays valid for `overlap`.
  virtual Result<Secret> rotate(std::string_view id, std::chrono::seconds overlap) = 0;
};

}  // namespace weir::data

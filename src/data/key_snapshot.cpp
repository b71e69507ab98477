#include "data/key_snapshot.h"

#include "base/digest.h"
#include "data/key_token.h"

namespace weir::data {
namespace {

// Compared with where there is nothing to compare with; no SHA-256 is written like this.
constexpr std::string_view kNoHash = "----------------------------------------------------------------";

bool is_live(const ApiKey& key, WallTime now) {
  const bool expired = key.expires_at != WallTime{} && now >= key.expires_at;
  return !expired && key.revoked_at == WallTime{};
}

}  // namespace

KeySnapshot::KeySnapshot(std::vector<ApiKey> keys, WallTime now) : any_(!keys.empty()) {
  for (ApiKey& key : keys) {
    if (!is_live(key, now)) continue;
    std::string id = key.id;
    keys_.emplace(std::move(id), std::move(key));
  }
}

std::optional<Principal> KeySnapshot::verify(std::string_view token, WallTime now) const {
  const auto parts = parse_key_token(token);
  if (!parts) return std::nullopt;
  const auto found = keys_.find(parts->id);
  const ApiKey* const key = found == keys_.end() ? nullptr : &found->second;

  const std::string hash = hash_key_secret(parts->secret);
  const bool overlaps =
      key != nullptr && !key->previous_secret_sha256.empty() && now < key->previous_valid_until;
  const std::string_view current = key != nullptr ? std::string_view(key->secret_sha256) : kNoHash;
  const std::string_view previous = overlaps ? std::string_view(key->previous_secret_sha256) : kNoHash;
  const bool is_current = equal_in_constant_time(hash, current);
  const bool is_previous = equal_in_constant_time(hash, previous);
  if (key == nullptr || !(is_current || is_previous) || !is_live(*key, now)) return std::nullopt;
  return Principal{.key_id = key->id, .name = key->name, .tenant = key->tenant, .scopes = key->scopes};
}

}  // namespace weir::data

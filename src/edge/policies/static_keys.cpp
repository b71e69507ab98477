#include "edge/policies/static_keys.h"

#include "base/text.h"

namespace weir::edge {
namespace {

std::string_view bytes_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

StaticKeys::StaticKeys(const std::vector<Secret>& keys) {
  for (const Secret& key : keys) {
    if (key.empty()) continue;
    const Sha256 hash = sha256(key.reveal());
    data::Principal principal;
    principal.key_id = "static:" + to_hex(std::span(hash).first(4));
    principal.name = "VALID_API_KEYS";
    principal.is_operators = true;
    keys_.push_back({hash, std::move(principal)});
  }
}

std::optional<data::Principal> StaticKeys::verify(std::string_view token) const {
  if (keys_.empty()) return std::nullopt;
  const Sha256 hash = sha256(token);
  const data::Principal* found = nullptr;
  for (const Entry& entry : keys_) {
    if (equal_in_constant_time(bytes_of(entry.hash), bytes_of(hash))) found = &entry.principal;
  }
  if (found == nullptr) return std::nullopt;
  return *found;
}

}  // namespace weir::edge

// data/key_snapshot.h: the keys as the hot path reads them: an immutable table by id, built anew
// whenever a key changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/keys.h"

namespace weir::data {

class KeySnapshot {
 public:
  // Keys that are dead at `now` stay dead: only any() still knows of them.
  KeySnapshot(std::vector<ApiKey> keys, WallTime now);

  // Keys::verify's rules at the instant `now`. Behind the checksum, which is no secret, every outcome
  // costs one hash and two comparisons.
  std::optional<Principal> verify(std::string_view token, WallTime now) const;
  bool any() const { return any_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  bool any_;  // of the dead ones, too
  std::unordered_map<std::string, ApiKey, Hash, std::equal_to<>> keys_;
};

}  // namespace weir::data

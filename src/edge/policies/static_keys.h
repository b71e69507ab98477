// edge/policies/static_keys.h: the keys of VALID_API_KEYS.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/secret.h"
#include "data/keys.h"

namespace weir::edge {

// Holds hashes only. Immutable.
class StaticKeys {
 public:
  explicit StaticKeys(const std::vector<Secret>& keys);
  bool empty() const { return keys_.empty(); }
  // Takes the same time whichever key it is, and when it is none.
  std::optional<data::Principal> verify(std::string_view token) const;

 private:
  struct Entry {
    Sha256 hash;
    data::Principal principal;
  };
  std::vector<Entry> keys_;
};

}  // namespace weir::edge

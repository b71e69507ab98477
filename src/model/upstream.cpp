#include "model/upstream.h"

#include <algorithm>

#include "model/routing/glob.h"

namespace weir::model {

bool Upstream::serves(std::string_view model) const {
  return std::ranges::any_of(models, [&](const std::string& glob) { return glob_matches(glob, model); });
}

}  // namespace weir::model

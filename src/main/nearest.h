// main/nearest.h: "did you mean": the known word that a mistyped one is closest to.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"

namespace weir::main {

// Empty when no candidate is close: more than a third of the word's letters would have to change.
template <class Range, class Projection>
std::string_view nearest(std::string_view word, const Range& candidates, Projection name_of) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::string_view name = std::invoke(name_of, candidate);
    const std::size_t distance = edit_distance(word, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace weir::main

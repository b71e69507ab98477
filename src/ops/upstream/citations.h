// ops/upstream/citations.h: what the simulated provider cites.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace weir::ops::upstream {

struct Citation {
  std::string text;      // what the answer says: the source's first sentence
  json::object citation; // search_result_location, char_location or content_block_location
};

// From the first search_result or document block of the request, in a message or in a tool's result,
// that enables citations and has text.
std::optional<Citation> cite_first_source(const json::value& request);

}  // namespace weir::ops::upstream

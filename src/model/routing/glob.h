// model/routing/glob.h: names with wildcards, as routes and providers are told which models they serve.
#pragma once

#include <string_view>

namespace weir::model {

// `*` stands for any text, `?` for one byte; everything else for itself. Linear in the length of `text`
// for each `*`.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace weir::model

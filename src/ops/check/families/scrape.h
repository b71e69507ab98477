// ops/check/families/scrape.h: reads the target's metrics in Prometheus' text format, as far as checks need
// it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "ops/check/context.h"

namespace weir::ops::check {

using Samples = std::map<std::string, double, std::less<>>;  // "name{labels}" → value

// Empty when the text is no exposition: a line that is neither a comment nor a sample spoils it all.
Samples read_samples(std::string_view text);
std::size_t count_risen(const Samples& before, const Samples& after);
// The value of the first series of that name.
std::optional<double> value_of(const Samples& samples, std::string_view name);
// The label of the first series of that name; empty when there is none. Escapes stay as they are.
std::string label_of(const Samples& samples, std::string_view name, std::string_view label);

// When what the gauge `name` of the target's metrics tells of last succeeded; nullopt: it tells nothing.
struct LastSuccess {
  bool ever = false;  // the gauge is above 0
  double age_s = 0;
};
Task<std::optional<LastSuccess>> ask_last_success(Context& context, std::string_view name);

}  // namespace weir::ops::check

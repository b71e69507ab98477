// ops/check/families/scrape.h: reads Prometheus' text format, as far as checks need it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::ops::check {

using Samples = std::map<std::string, double, std::less<>>;  // "name{labels}" → value

// Empty when the text is no exposition: a line that is neither a comment nor a sample spoils it all.
Samples read_samples(std::string_view text);
std::size_t count_risen(const Samples& before, const Samples& after);
// The value of the first series of that name.
std::optional<double> value_of(const Samples& samples, std::string_view name);
// The label of the first series of that name; empty when there is none. Escapes stay as they are.
std::string label_of(const Samples& samples, std::string_view name, std::string_view label);

}  // namespace weir::ops::check

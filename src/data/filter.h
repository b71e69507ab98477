// data/filter.h: typed conditions on a document's metadata, as every store that searches applies them
// inside its search.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace weir::data {

// JSON's scalars; a number compares with numbers only, a text with texts (by bytes).
using FilterValue = std::variant<bool, double, std::string>;

enum class Comparison : std::uint8_t { equal, less, less_or_equal, greater, greater_or_equal };

struct Condition {
  std::string field;  // a member of the metadata object
  Comparison comparison = Comparison::equal;
  std::vector<FilterValue> values;  // equal: any of them; otherwise exactly one
};

struct Filter {
  std::vector<Condition> all_of;
  bool empty() const { return all_of.empty(); }
};

constexpr std::size_t kFilterConditionsMax = 32;
constexpr std::size_t kFilterValuesMax = 1'000;  // of one condition

// {"team": "tools", "lang": ["en", "de"], "year": {"gte": 2020, "lt": 2024}}: each member must hold; a
// list means any of its values; gt, gte, lt and lte compare. invalid_request names the field.
Result<Filter> parse_filter(const json::object& object);

// What a condition compares of one metadata member: a scalar, or each scalar of an array; nothing of an
// object or null.
std::vector<FilterValue> filter_values(const json::value& member);
bool holds(const Condition& condition, const FilterValue& value);
bool matches(const Filter& filter, const json::object& metadata);

}  // namespace weir::data

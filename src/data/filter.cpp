#include "data/filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace weir::data {
namespace {

std::unexpected<Error> bad_filter(const std::string& field, std::string message) {
  Error error(Code::invalid_request, "filter." + field + ": " + std::move(message),
              "send a text, a number, true or false, a list of them, or {\"gte\": …, \"lt\": …}");
  error.field = "filter";
  return fail(std::move(error));
}

std::optional<FilterValue> scalar(const json::value& value) {
  if (value.is_bool()) return FilterValue(value.get_bool());
  if (value.is_number()) return FilterValue(value.to_number<double>());
  if (value.is_string()) return FilterValue(std::string(value.get_string()));
  return std::nullopt;
}

std::optional<Comparison> comparison_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Comparison>, 5> kNames = {
      {{"eq", Comparison::equal},
       {"lt", Comparison::less},
       {"lte", Comparison::less_or_equal},
       {"gt", Comparison::greater},
       {"gte", Comparison::greater_or_equal}}};
  const auto* const found = std::ranges::find(kNames, name, &std::pair<std::string_view, Comparison>::first);
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

Result<> append_comparisons(const std::string& field, const json::object& bounds, Filter& filter) {
  if (bounds.empty()) return bad_filter(field, "an empty object compares nothing");
  for (const auto& [name, bound] : bounds) {
    const auto comparison = comparison_of(name);
    if (!comparison) return bad_filter(field, "there is no comparison \"" + std::string(name) + "\"");
    auto value = scalar(bound);
    if (!value) return bad_filter(field, "a comparison needs a text, a number, true or false");
    filter.all_of.push_back({field, *comparison, {*std::move(value)}});
  }
  return {};
}

Result<> append_list(const std::string& field, const json::array& list, Filter& filter) {
  if (list.empty() || list.size() > kFilterValuesMax) {
    return bad_filter(field, "a list has 1 to " + std::to_string(kFilterValuesMax) + " values");
  }
  Condition condition{field, Comparison::equal, {}};
  for (const json::value& element : list) {
    auto value = scalar(element);
    if (!value) return bad_filter(field, "a list holds texts, numbers, true or false");
    condition.values.push_back(*std::move(value));
  }
  filter.all_of.push_back(std::move(condition));
  return {};
}

}  // namespace

Result<Filter> parse_filter(const json::object& object) {
  Filter filter;
  for (const auto& [name, member] : object) {
    const std::string field(name);
    Result<> appended;
    if (const json::object* bounds = member.if_object()) {
      appended = append_comparisons(field, *bounds, filter);
    } else if (const json::array* list = member.if_array()) {
      appended = append_list(field, *list, filter);
    } else if (auto value = scalar(member)) {
      filter.all_of.push_back({field, Comparison::equal, {*std::move(value)}});
    } else {
      return bad_filter(field, "null is no value to look for");
    }
    if (!appended) return fail(appended);
    if (filter.all_of.size() > kFilterConditionsMax) {
      return bad_filter(field, "more than " + std::to_string(kFilterConditionsMax) + " conditions");
    }
  }
  return filter;
}

std::vector<FilterValue> filter_values(const json::value& member) {
  std::vector<FilterValue> values;
  if (const json::array* list = member.if_array()) {
    for (const json::value& element : *list) {
      if (auto value = scalar(element)) values.push_back(*std::move(value));
    }
  } else if (auto value = scalar(member)) {
    values.push_back(*std::move(value));
  }
  return values;
}

bool holds(const Condition& condition, const FilterValue& value) {
  const auto same_kind = [&](const FilterValue& other) { return other.index() == value.index(); };
  if (condition.comparison == Comparison::equal)
    return std::ranges::find(condition.values, value) != condition.values.end();
  WEIR_ASSERT(condition.values.size() == 1);
  const FilterValue& bound = condition.values.front();
  if (!same_kind(bound)) return false;
  switch (condition.comparison) {
    case Comparison::less: return value < bound;
    case Comparison::less_or_equal: return value <= bound;
    case Comparison::greater: return value > bound;
    case Comparison::greater_or_equal: return value >= bound;
    case Comparison::equal: break;
  }
  return false;
}

bool matches(const Filter& filter, const json::object& metadata) {
  return std::ranges::all_of(filter.all_of, [&](const Condition& condition) {
    const json::value* member = metadata.if_contains(condition.field);
    if (member == nullptr) return false;
    const auto values = filter_values(*member);
    return std::ranges::any_of(values, [&](const FilterValue& value) { return holds(condition, value); });
  });
}

}  // namespace weir::data

// model/json_fields.h: small steps over JSON that passes by (simdjson On-Demand: each value is read
// once, in the order of the text, and nothing is built).
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model {

namespace ondemand = simdjson::ondemand;

constexpr std::int64_t kCountMax = 1'000'000'000'000;  // a larger count is nonsense that must not overflow

// All readers leave their target as it is when the value is null or of another type.
inline void read_count(ondemand::value value, std::int64_t& target) {
  std::int64_t count = 0;
  if (value.get_int64().get(count) == simdjson::SUCCESS)
    target = std::clamp<std::int64_t>(count, 0, kCountMax);
}

inline void read_string(ondemand::value value, std::string& target) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) target = text;
}

// Calls on_field(name, value) for each member; false when `object` is none or is broken.
template <class OnField>
bool for_each_field(simdjson::simdjson_result<ondemand::object> object, OnField on_field) {
  if (object.error() != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view name;
    ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    on_field(name, value);
  }
  return true;
}

// Calls on_element(value) for each element; false when `array` is none or is broken.
template <class OnElement>
bool for_each_element(simdjson::simdjson_result<ondemand::array> array, OnElement on_element) {
  if (array.error() != simdjson::SUCCESS) return false;
  for (auto element : array) {
    ondemand::value value;
    if (element.get(value) != simdjson::SUCCESS) return false;
    on_element(value);
  }
  return true;
}

// The members of the object that `json` is. `json` may be given more capacity, its contents stay.
template <class OnField>
bool for_each_field(ondemand::parser& parser, std::string& json, OnField on_field) {
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  const simdjson::padded_string_view padded(json.data(), json.size(), json.capacity());
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  return for_each_field(document.get_object(), on_field);
}

}  // namespace weir::model

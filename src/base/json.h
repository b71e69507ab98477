// base/json.h: JSON as a document (Boost.JSON), for bodies that Weir itself understands.
// What merely passes through is looked at with base/json_look.h and never printed again.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir {

namespace json = boost::json;

constexpr std::size_t kJsonDepthMax = 64;  // nesting that a client may send

// invalid_request with the position and the reason; also for nesting deeper than depth_max.
Result<json::value> parse_json(std::string_view text, std::size_t depth_max = kJsonDepthMax);

// Compact JSON that is also safe inside HTML: < > & U+2028 U+2029 leave as \u escapes.
std::string to_json(const json::value& value);
// Appends `text` as a quoted JSON string, escaped as in to_json.
void append_json_string(std::string& out, std::string_view text);

// A member of an object, or nullptr when `value` is no object or has no such member.
const json::value* find_member(const json::value& value, std::string_view name);
// A member that is a string, or an empty view. An object has an overload of its own: it would become a value
// by a copy, into which the view would point.
std::string_view string_member(const json::value& value, std::string_view name);
std::string_view string_member(const json::object& object, std::string_view name);

}  // namespace weir

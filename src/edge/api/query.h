// edge/api/query.h: parameters of a query string (WHATWG URL, application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weir::edge {

// The first parameter of that name, decoded; nullopt when there is none. Malformed escapes stay as they are.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// The query as it stands, without the parameters of these names.
std::string query_without(std::string_view query, std::span<const std::string_view> names);

// Every value of the parameters of these names, decoded.
std::vector<std::string> query_values(std::string_view query, std::span<const std::string_view> names);

// A whole number within bounds, or `absent`. invalid_request names the parameter.
Result<std::uint32_t> query_number(std::string_view query, std::string_view name, std::uint32_t least,
                                   std::uint32_t most, std::uint32_t absent);

}  // namespace weir::edge

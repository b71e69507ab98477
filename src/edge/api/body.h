// edge/api/body.h: reading what a client sent, and telling it what was wrong with that.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/task.h"
#include "edge/exchange.h"
#include "net/http.h"

namespace weir::edge {

// Counts bytes of the body that stay in memory until exchange.body_pass is released. overloaded: all
// requests together hold edge.body_memory_max.
Result<> keep_in_memory(Exchange& exchange, std::size_t bytes);

// The whole body, kept in memory; too_large beyond size_max, invalid_request when it is empty.
Task<Result<std::string>> read_body(Exchange& exchange, std::size_t size_max);

// invalid_request for bytes that are not UTF-8, not JSON, nested too deep, or no object.
Result<json::object> parse_object(std::string_view body, std::size_t depth_max);

// invalid_request that names the field.
std::unexpected<Error> bad_field(std::string_view field, std::string message, std::string hint = {});

// A member that may be absent or null: then nullptr. Anything but a string is invalid_request.
Result<const json::string*> optional_string(const json::object& object, std::string_view name);

net::Response json_response(int status, std::string body);

}  // namespace weir::edge

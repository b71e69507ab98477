// model/dialects/inbound_json.h: writing JSON as text, where most of it is copied from other JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model::inbound {

// Appends `text` as a JSON string. Escapes only what JSON demands: the answer of an API is no HTML.
void append_quoted(std::string& out, std::string_view text);
std::string quoted(std::string_view text);
void append_number(std::string& out, std::int64_t number);

// `token` is one JSON string with its quotes and legal escapes, so that it may stand in other JSON as it
// is. Its UTF-8 and control characters are for the caller to have checked (simdjson does both).
bool is_string_token(std::string_view token);

}  // namespace weir::model::inbound

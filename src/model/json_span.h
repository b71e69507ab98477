// model/json_span.h: where the values of a JSON text begin and end, for changing one of them and leaving
// every other byte as it is. The text has been proven to be JSON before (request_facts.h); of any other
// text the answer is nothing or nonsense, never a read beyond it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir::model {

// All views are parts of the text that was passed.
struct JsonMember {
  std::string_view name;  // as it stands there, without quotes
  std::string_view value;
};

// Calls `on_member` for each member of an object, until it returns false. False: `text` is no object.
bool for_each_member(std::string_view text, const std::function<bool(const JsonMember&)>& on_member);
// The same for the elements of an array.
bool for_each_element(std::string_view text, const std::function<bool(std::string_view)>& on_element);

// Whether a name or a string (without its quotes) says `word`, escapes understood.
bool json_text_is(std::string_view raw, std::string_view word);
// The first member of that name; nullopt: none.
std::optional<std::string_view> find_json_member(std::string_view object, std::string_view name);
// Whether `value` is that string.
bool json_string_is(std::string_view value, std::string_view word);

}  // namespace weir::model

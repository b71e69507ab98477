#include "model/dialects/argument_scan.h"

#include <charconv>

namespace weir::model {

void ArgumentScan::take(std::string_view escaped) {
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\\') {
      take_character(escaped[i]);
      continue;
    }
    if (++i == escaped.size()) return;
    if (escaped[i] == 'u') {
      unsigned code = 0;
      const std::string_view digits = escaped.substr(i + 1, 4);
      std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      take_character(code < 0x80 ? static_cast<char>(code) : 'x');
      i += digits.size();
    } else {
      // The letters of \n and its like stand for white space, of no matter here.
      take_character(escaped[i] == '"' || escaped[i] == '\\' ? escaped[i] : ' ');
    }
  }
}

void ArgumentScan::take_character(char c) {
  if (in_string_) {
    if (after_backslash_) {
      after_backslash_ = false;
    } else if (c == '\\') {
      after_backslash_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    begun_ = true;
    ++depth_;
  } else if ((c == '}' || c == ']') && depth_ > 0) {
    --depth_;
  }
}

}  // namespace weir::model

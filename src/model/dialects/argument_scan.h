// model/dialects/argument_scan.h: tells when the arguments of a tool call, which arrive in pieces, are whole.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::model {

// Counts brackets in a JSON object that is itself written inside a JSON string: {\"city\":\"Paris\"}.
// Believes the text to be JSON; proves nothing.
class ArgumentScan {
 public:
  void take(std::string_view escaped);
  bool whole() const { return begun_ && depth_ == 0; }

 private:
  void take_character(char c);

  std::int64_t depth_ = 0;
  bool begun_ = false;
  bool in_string_ = false;
  bool after_backslash_ = false;  // in the arguments, after undoing the outer string's escapes
};

}  // namespace weir::model

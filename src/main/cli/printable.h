// main/cli/printable.h: text from elsewhere on the way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace weir::main {

// Without control characters but newline and tab: a document or a file name must not drive the
// terminal. C1 controls (U+0080 to U+009F) count, because U+009B begins an escape sequence.
std::string printable(std::string_view text);

}  // namespace weir::main

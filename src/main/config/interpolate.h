// main/config/interpolate.h: references inside the texts of the configuration file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::main {

using Environment = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kReferencedFileMax = 1024 * 1024;  // bytes

// ${NAME}, ${NAME:-default}, ${file:/path} (without its final newline); $${ is a literal ${.
// A default applies when the variable is unset or empty; without one, an unset variable is an error.
// What a reference yields is not searched for further references.
Result<std::string> interpolate(std::string_view text, const Environment& environment);

// The content of a small file. The error names the path.
Result<std::string> read_small_file(const std::string& path);
// The same without its final newline: how a secret stands in a file.
Result<std::string> read_value_file(const std::string& path);

}  // namespace weir::main

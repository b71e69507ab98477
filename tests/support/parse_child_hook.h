// tests/support/parse_child_hook.h: makes a test binary able to be what `weir parse-child` is, so that a
// ConfinedReader finds its reading process in the test binary itself. Included by one file of a binary.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "app/documents/confined/parse_child.h"

namespace weir::app::test {

struct ParseChildHook {
  ParseChildHook() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string words{std::istreambuf_iterator<char>(file), {}};
    const std::string wanted = std::string("weir") + '\0' + std::string(kParseChildWord) + '\0';
    if (words == wanted) std::_Exit(run_parse_child());
  }
};

inline const ParseChildHook parse_child_hook;

}  // namespace weir::app::test

// app/documents/confined/parse_child.h: the reading process itself: question on descriptor 0, answer on 1.
#pragma once

#include <string_view>

namespace weir::app {

// The hidden word of the command line that makes `weir` such a process. It comes before anything that
// opens a file, reads a configuration or starts a thread.
constexpr std::string_view kParseChildWord = "parse-child";

// The exit code of a process that could not get the memory for its document.
constexpr int kOutOfMemoryExit = 4;

// Confines this process, answers one question, and gives the exit code. 0: answered, if only with a
// failure of the document.
int run_parse_child();

}  // namespace weir::app

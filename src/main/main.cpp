// The program: what stands outside it, and the command line.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "app/documents/confined/parse_child.h"
#include "main/app.h"
#include "main/cli/commands.h"

int main(int argc, char** argv) {
  // Before everything else: such a process reads one document, and is to hold nothing beside it.
  if (argc == 2 && argv[1] == weir::app::kParseChildWord) std::_Exit(weir::app::run_parse_child());
  // A reader that goes away (`weir config reference | head`, a client) is an error of write, not a death.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> words(argv + 1, argv + argc);
  weir::main::World world{.out = std::cout,
                          .err = std::cerr,
                          .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                          .environment = weir::main::process_environment(),
                          .serve = weir::main::run_server};
  const int code = weir::main::run_command_line(words, world);
  std::cout.flush();
  return code;
}

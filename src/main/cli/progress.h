// main/cli/progress.h: how far a command is: a bar on a terminal, nothing elsewhere.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace weir::main {

class Progress {
 public:
  Progress(std::ostream& err, bool is_terminal, std::size_t total)
      : err_(err), is_terminal_(is_terminal), total_(total) {}

  // The next of `total` begins.
  void show(std::string_view what);
  // A line that stays.
  void note(std::string_view line);
  // Takes the bar away.
  void finish();

 private:
  std::ostream& err_;
  const bool is_terminal_;
  const std::size_t total_;
  std::size_t begun_ = 0;
};

}  // namespace weir::main

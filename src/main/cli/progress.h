// main/cli/progress.h: how far a command is and how long it will take: a bar on a terminal, a
// line every kLineInterval elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir::main {

constexpr std::chrono::seconds kLineInterval{10};

// "2 min 5 s".
std::string to_duration(std::chrono::nanoseconds duration);

class Progress {
 public:
  Progress(std::ostream& err, bool is_terminal, std::size_t total, const Clock& clock)
      : err_(err),
        is_terminal_(is_terminal),
        total_(total),
        clock_(clock),
        begun_at_(clock.monotonic()),
        told_at_(begun_at_) {}

  // The next of `total` begins.
  void show(std::string_view what);
  // A line that stays.
  void note(std::string_view line);
  // Takes the bar away.
  void finish();
  std::chrono::nanoseconds elapsed() const { return clock_.monotonic() - begun_at_; }

 private:
  std::ostream& err_;
  const bool is_terminal_;
  std::string left() const;  // "about 2 min 5 s left"; empty while it cannot be told

  const std::size_t total_;
  const Clock& clock_;
  const Monotonic begun_at_;
  Monotonic told_at_;  // when the last line was written where there is no bar
  std::size_t begun_ = 0;
};

}  // namespace weir::main

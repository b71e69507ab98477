#include "main/cli/progress.h"

#include "main/cli/printable.h"

namespace weir::main {
namespace {

constexpr std::size_t kBarWidth = 20, kNameWidth = 40;  // columns; a whole line stays below 80
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

void Progress::show(std::string_view what) {
  ++begun_;
  if (!is_terminal_) return;
  const std::size_t filled = total_ == 0 ? kBarWidth : kBarWidth * (begun_ - 1) / total_;
  if (what.size() > kNameWidth) what = what.substr(what.size() - kNameWidth);
  err_ << kClearLine << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] "
       << begun_ << '/' << total_ << ' ' << printable(what) << std::flush;
}

void Progress::note(std::string_view line) {
  finish();
  err_ << printable(line) << '\n';
}

void Progress::finish() {
  if (is_terminal_) err_ << kClearLine << std::flush;
}

}  // namespace weir::main

#include "main/cli/progress.h"

#include "main/cli/printable.h"

namespace weir::main {
namespace {

constexpr std::size_t kBarWidth = 12, kNameWidth = 28;  // columns; a whole line stays below 80
constexpr std::size_t kTellingAfter = 3;                // things that are done
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

std::string to_duration(std::chrono::nanoseconds duration) {
  const std::int64_t seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  if (seconds >= 3600)
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
  if (seconds >= 60) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

void Progress::show(std::string_view what) {
  ++begun_;
  const std::string rest = left();
  if (!is_terminal_) {
    if (clock_.monotonic() - told_at_ < kLineInterval) return;
    told_at_ = clock_.monotonic();
    err_ << begun_ << '/' << total_ << (rest.empty() ? "" : ", " + rest) << '\n' << std::flush;
    return;
  }
  const std::size_t filled = total_ == 0 ? kBarWidth : kBarWidth * (begun_ - 1) / total_;
  if (what.size() > kNameWidth) what = what.substr(what.size() - kNameWidth);
  err_ << kClearLine << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] "
       << begun_ << '/' << total_ << ' ' << (rest.empty() ? "" : rest + " ") << printable(what) << std::flush;
}

std::string Progress::left() const {
  const std::size_t done = begun_ - 1;
  if (done < kTellingAfter || elapsed() < std::chrono::seconds(1)) return {};
  const auto each = elapsed() / static_cast<std::int64_t>(done);
  return "about " + to_duration(each * static_cast<std::int64_t>(total_ - done)) + " left";
}

void Progress::note(std::string_view line) {
  finish();
  err_ << printable(line) << '\n';
}

void Progress::finish() {
  if (is_terminal_) err_ << kClearLine << std::flush;
}

}  // namespace weir::main

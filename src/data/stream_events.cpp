#include "data/stream_events.h"

#include <algorithm>

namespace weir::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void EventMarks::take(std::string_view part) {
  const std::size_t kept = std::min(part.size(), kHeadSize - line_size_);
  std::ranges::copy(part.substr(0, kept), head_.begin() + static_cast<std::ptrdiff_t>(line_size_));
  line_size_ += kept;
}

bool EventMarks::is_data_line() const {
  std::string_view line(head_.data(), line_size_);
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line == "data" || line.starts_with("data:");
}

void EventMarks::end_line() {
  if (is_data_line()) has_data_ = true;
  first_line_ = false;
  line_size_ = 0;
}

std::size_t EventMarks::next(std::string_view bytes, EventMark& mark) {
  mark = EventMark::none;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes[at] == '\n') {
        ++at;
        if (!ended_by_cr_) continue;
        ended_by_cr_ = false;
        mark = EventMark::late_lf;
        return at;
      }
    }
    ended_by_cr_ = false;
    const std::size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
    take(bytes.substr(at, end - at));
    at = end;
    if (at == bytes.size()) break;
    const bool ends_event = line_size_ == 0 && has_data_;
    if (ends_event && !before_blank_line_) {
      before_blank_line_ = true;
      mark = EventMark::blank_line;
      return at;
    }
    after_cr_ = bytes[at++] == '\r';
    if (!ends_event) {
      if (line_size_ == 0) has_data_ = false;
      end_line();
      continue;
    }
    first_line_ = has_data_ = before_blank_line_ = false;
    if (after_cr_ && at < bytes.size() && bytes[at] == '\n') {
      ++at;
      after_cr_ = false;
    }
    ended_by_cr_ = after_cr_;
    mark = EventMark::event_end;
    return at;
  }
  return at;
}

}  // namespace weir::data

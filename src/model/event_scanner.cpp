#include "model/event_scanner.h"

#include <algorithm>
#include <cstring>

namespace weir::model {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kNameSizeMax = 64;  // longer names and fields are none that matter

std::size_t line_end(std::string_view bytes) {
  const std::size_t lf = std::min(bytes.find('\n'), bytes.size());
  return std::min(bytes.substr(0, lf).find('\r'), lf);
}

void append_bounded(std::string& out, std::string_view text) {
  out += text.substr(0, kNameSizeMax - std::min(out.size(), kNameSizeMax));
}

}  // namespace

bool EventScanner::next(std::string_view& bytes) {
  if (found_) data_.clear();
  found_ = false;
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        if (open_size_ > 0) ++open_size_;
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = line_end(bytes);
    open_size_ += end;
    take(bytes.substr(0, end));
    if (end == bytes.size()) {
      bytes = {};
      return false;
    }
    if (open_size_ > 0) ++open_size_;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (end_line()) return true;
  }
  return false;
}

void EventScanner::take(std::string_view part) {
  if (line_ == Line::field) {
    const std::size_t colon = part.find(':');
    append_bounded(field_, part.substr(0, colon));
    if (colon == std::string_view::npos) return;
    part.remove_prefix(colon + 1);
    begin_value();
  }
  if (is_delta_ && has_data_) delta_bytes_ += part.size();
  if (line_ == Line::event_name) {
    append_bounded(name_, part);
  } else if (line_ == Line::kept_data) {
    oversize_ = oversize_ || data_.size() + part.size() > data_size_max_;
    if (!oversize_) data_ += part;
  }
}

void EventScanner::begin_value() {
  line_ = Line::other;
  if (at_start_ && field_.starts_with(kByteOrderMark)) {
    field_.erase(0, kByteOrderMark.size());
  }
  if (field_ == "event") {
    name_.clear();
    line_ = Line::event_name;
  } else if (field_ == "data") {
    has_data_ = true;
    is_delta_ = kind_of_(name_) == EventKind::delta;
    if (tells()) {
      if (!data_.empty()) data_ += '\n';
      line_ = Line::kept_data;
    }
  }
}

bool EventScanner::end_line() {
  const bool empty = line_ == Line::field && field_.empty();
  if (line_ == Line::event_name && name_.starts_with(' ')) name_.erase(0, 1);
  line_ = Line::field;
  field_.clear();
  at_start_ = false;
  return empty && end_event();
}

bool EventScanner::end_event() {
  open_size_ = 0;
  found_ = has_data_ && tells() && !oversize_;
  if (has_data_) ++events_;
  if (is_delta_) ++deltas_;
  has_data_ = is_delta_ = oversize_ = false;
  name_.clear();
  if (!found_) data_.clear();
  return found_;
}

}  // namespace weir::model

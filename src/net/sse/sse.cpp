#include "net/sse/sse.h"

#include <algorithm>

namespace weir::net {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<> SseParser::feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event) {
  while (!bytes.empty()) {
    if (after_cr_) {  // the LF of a CRLF belongs to the line that has ended
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t lf = bytes.find('\n');  // two searches are many times faster than one for either
    const std::size_t cr = bytes.substr(0, lf).find('\r');
    const std::size_t end = std::min(lf, cr);
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() + data_.size() > event_size_max_) {
      return fail(Code::too_large, "an event is larger than " + std::to_string(event_size_max_) + " bytes");
    }
    if (end == std::string_view::npos) {
      line_ += part;
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (line_.empty()) {  // the usual case: the whole line is here, and is read where it stands
      take_line(part, on_event);
    } else {
      line_ += part;
      take_line(line_, on_event);
      line_.clear();
    }
  }
  return {};
}

void SseParser::take_line(std::string_view line, const std::function<void(const SseEvent&)>& on_event) {
  if (at_start_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  at_start_ = false;
  if (line.empty()) {
    dispatch(on_event);
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    event_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
}

// An event without data is not an event, but it ends the one before it (§9.2.6, "dispatch the event").
void SseParser::dispatch(const std::function<void(const SseEvent&)>& on_event) {
  if (has_data_) {
    const SseEvent event{.event = event_, .data = data_, .id = id_};
    on_event(event);
  }
  event_.clear();
  data_.clear();
  has_data_ = false;
}

void append_sse(std::string& out, std::string_view event, std::string_view data, std::string_view id) {
  const auto append_field = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += name;
    out += ": ";
    out += value.substr(0, value.find_first_of("\r\n"));
    out += '\n';
  };
  append_field("event", event);
  append_field("id", id);
  while (true) {
    const std::size_t end = data.find_first_of("\r\n");
    out += "data: ";
    out += data.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) break;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  out += '\n';
}

}  // namespace weir::net

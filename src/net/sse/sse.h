// net/sse/sse.h: server-sent events (WHATWG HTML §9.2.6), without I/O.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::net {

struct SseEvent {
  std::string_view event;  // empty: "message"
  std::string_view data;   // lines joined with \n
  std::string_view id;     // the last one the stream has set
};

// Finds events in bytes that arrive in any pieces. Any of LF, CRLF, CR ends a line; a leading BOM is
// skipped; comments and `retry` are ignored; an unfinished event at the end of the stream is dropped.
class SseParser {
 public:
  explicit SseParser(std::size_t event_size_max = 32 * 1024 * 1024) : event_size_max_(event_size_max) {}
  // Calls on_event for each event that `bytes` completes; its views are valid during the call.
  // too_large when one event exceeds the limit; the parser is of no use after that.
  Result<> feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);

 private:
  void take_line(std::string_view line, const std::function<void(const SseEvent&)>& on_event);
  void dispatch(const std::function<void(const SseEvent&)>& on_event);

  std::size_t event_size_max_;
  std::string line_;  // the beginning of a line that an earlier piece held
  std::string event_;
  std::string data_;
  std::string id_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool at_start_ = true;
};

// Appends one event; data with newlines becomes several data lines. Empty event or id: left out; what
// follows a line break in them is left out too, as it would be read as another field.
void append_sse(std::string& out, std::string_view event, std::string_view data, std::string_view id = {});

}  // namespace weir::net

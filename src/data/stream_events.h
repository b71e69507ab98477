// data/stream_events.h: where the events of a server-sent event stream end, in bytes that arrive in any
// pieces (WHATWG HTML §9.2.6). Counted is what a client's parser dispatches: an event without data, or a
// comment, has no number of its own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::data {

enum class EventMark : std::uint8_t {
  none,        // all bytes are taken
  blank_line,  // before the empty line that will end an event: here a field can still be added to it
  event_end,   // right behind that line
  late_lf,     // behind an LF that belongs to the event which the CR before it has ended
};

class EventMarks {
 public:
  // at_start: the bytes begin the stream, where a byte order mark may stand; else they follow an event.
  explicit EventMarks(bool at_start = true) : first_line_(at_start) {}
  // Takes bytes up to the next mark and says how many; call again with the rest until `mark` is none.
  std::size_t next(std::string_view bytes, EventMark& mark);

 private:
  static constexpr std::size_t kHeadSize = 8;  // a byte order mark and "data:"

  void take(std::string_view part);
  bool is_data_line() const;
  void end_line();

  std::array<char, kHeadSize> head_{};  // how the current line begins
  std::size_t line_size_ = 0;           // of the current line, up to kHeadSize
  bool first_line_;
  bool has_data_ = false;
  bool before_blank_line_ = false;  // told already
  bool after_cr_ = false;
  bool ended_by_cr_ = false;  // the last event was
};

}  // namespace weir::data

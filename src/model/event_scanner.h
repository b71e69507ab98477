// model/event_scanner.h: finds the few events of a stream that tell what it cost, in bytes that pass by.
// Unlike net::SseParser it copies nothing of all the others: a relayed stream is mostly those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model {

enum class EventKind : std::uint8_t {
  telling,  // of usage, of an error, of the end: kept
  delta,    // carries a piece of the answer: counted
  other,
};

// By the event's name; empty: it has none.
using EventKindOf = EventKind (*)(std::string_view name);

// Counts and keeps; framing is that of WHATWG HTML §9.2.6 (LF, CRLF or CR end a line).
class EventScanner {
 public:
  // data_size_max: a telling event that is larger is not kept.
  EventScanner(std::size_t data_size_max, EventKindOf kind_of)
      : data_size_max_(data_size_max), kind_of_(kind_of) {}

  // Takes bytes from the front of `bytes` up to the end of the next telling event (true: its data is in
  // data()) or to the end of the piece (false).
  bool next(std::string_view& bytes);
  std::string& data() { return data_; }  // until the next call, which clears it

  // How many of the bytes so far belong to an event that has not ended; 0: another may follow.
  std::size_t open_size() const { return open_size_; }
  std::uint64_t events() const { return events_; }  // complete ones, of any name, with data
  std::uint64_t deltas() const { return deltas_; }
  std::uint64_t delta_bytes() const { return delta_bytes_; }  // of their data lines

 private:
  enum class Line : std::uint8_t { field, event_name, kept_data, other };

  void take(std::string_view part);
  void begin_value();
  bool end_line();
  bool end_event();
  bool tells() const { return kind_of_(name_) == EventKind::telling; }

  std::size_t data_size_max_;
  EventKindOf kind_of_;
  Line line_ = Line::field;
  std::string field_;  // the name of the line's field, as far as it has come
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool is_delta_ = false;
  bool oversize_ = false;
  bool found_ = false;  // data_ has been handed out
  bool after_cr_ = false;
  bool at_start_ = true;  // of the stream, where a byte order mark may stand
  std::size_t open_size_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t deltas_ = 0;
  std::uint64_t delta_bytes_ = 0;
};

}  // namespace weir::model

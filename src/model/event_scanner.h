// model/event_scanner.h: finds the few events of a stream that tell what it cost, in bytes that pass by.
// Unlike net::SseParser it copies nothing of all the others: a relayed stream is mostly those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::model {

// Which events of a stream matter, by their names. One without a name always tells.
struct EventNames {
  std::span<const std::string_view> telling;  // of usage, of the end, of an error
  std::string_view delta;                     // carries a piece of the answer; empty: none does by name
};
extern const EventNames kMessagesEvents;

// Counts and keeps; framing is that of WHATWG HTML §9.2.6 (LF, CRLF or CR end a line).
class EventScanner {
 public:
  // data_size_max: an event that tells about usage and is larger is not kept. What `names` views lives on.
  explicit EventScanner(std::size_t data_size_max, EventNames names = kMessagesEvents)
      : data_size_max_(data_size_max), names_(names) {}

  // Takes bytes from the front of `bytes` up to the end of the next event that tells about usage (true:
  // its data is in data()) or to the end of the piece (false).
  bool next(std::string_view& bytes);
  std::string& data() { return data_; }  // until the next call, which clears it

  // The stream so far ends where an event ends, so that another may follow.
  bool at_boundary() const { return at_boundary_; }
  std::uint64_t events() const { return events_; }  // complete ones, of any name, with data
  std::uint64_t deltas() const { return deltas_; }
  std::uint64_t delta_bytes() const { return delta_bytes_; }  // of their data lines
  // Of events that neither tell nor are deltas by name.
  std::uint64_t other_events() const { return other_events_; }

 private:
  enum class Line : std::uint8_t { field, event_name, kept_data, other };

  void take(std::string_view part);
  void begin_value();
  bool end_line();
  bool end_event();
  bool tells_usage() const;

  std::size_t data_size_max_;
  EventNames names_;
  Line line_ = Line::field;
  std::string field_;  // the name of the line's field, as far as it has come
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool is_delta_ = false;
  bool oversize_ = false;
  bool found_ = false;  // data_ has been handed out
  bool after_cr_ = false;
  bool at_boundary_ = true;
  std::uint64_t events_ = 0;
  std::uint64_t deltas_ = 0;
  std::uint64_t delta_bytes_ = 0;
  std::uint64_t other_events_ = 0;
};

}  // namespace weir::model

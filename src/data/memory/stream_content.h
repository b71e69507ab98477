// data/memory/stream_content.h: the bytes of one stream in blocks, each in memory or in the spill file,
// and where its events end. No locks, no I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/memory/spill_file.h"
#include "data/stream_events.h"

namespace weir::data {

struct StreamBlock {
  std::uint64_t begin = 0;  // of its first byte in the stream
  std::size_t size = 0;
  // In memory; null: on the disk. Shared with the worker that writes it, which may outlast the stream.
  std::shared_ptr<std::string> bytes;
  std::uint32_t place = 0;  // on the disk
  bool writing = false;     // to the disk, by a worker; takes no more bytes
};

class StreamContent {
 public:
  // A place from which events can be counted: the end of event `event`.
  struct Mark {
    std::uint64_t event = 0;
    std::uint64_t offset = 0;
  };
  static constexpr std::uint64_t kEventsPerMark = 32;  // so that marks take little beside the bytes

  void append(std::string_view bytes);
  std::uint64_t begin() const { return blocks_.empty() ? end_ : blocks_.front().begin; }  // what is held
  std::uint64_t end() const { return end_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t last_event_end() const { return last_event_end_; }
  std::size_t memory() const { return memory_; }    // bytes of blocks in memory
  std::size_t writing() const { return writing_; }  // of these, on their way to the disk

  // The one that holds this offset; null when it is held no more, or not there yet.
  const StreamBlock* block_at(std::uint64_t offset) const;
  // The last mark at or before `event` whose bytes are held.
  std::optional<Mark> mark_before(std::uint64_t event) const;

  StreamBlock* oldest_in_memory();  // and not being written; null: none
  void begin_writing(StreamBlock& block);
  // False: the block is held no more, and its place on the disk is the caller's again.
  bool finish_writing(std::uint64_t block_begin, std::uint32_t place);
  // It stays in memory. False: the block is held no more.
  bool abandon_writing(std::uint64_t block_begin);
  // Forgets the oldest block; its place on the disk, if it had one, is for the caller to give back.
  std::optional<std::uint32_t> forget_oldest();
  bool empty() const { return blocks_.empty(); }

 private:
  void count_events(std::string_view bytes);

  std::deque<StreamBlock> blocks_;
  std::vector<std::uint64_t> marks_{0};  // [i]: the end of event i × kEventsPerMark
  EventMarks scanner_;
  std::uint64_t end_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t last_event_end_ = 0;
  std::size_t memory_ = 0;
  std::size_t writing_ = 0;
};

}  // namespace weir::data

// data/memory/streams_parts.h: what MemoryStreams is made of, for its own sources: streams.cpp keeps the
// store, streams_spill.cpp its bounds, streams_read.cpp what readers get.
#pragma once

#include "data/memory/streams.h"

namespace weir::data {

constexpr std::chrono::milliseconds kDiskPause{20};  // while the workers' queue is full

inline Error unknown_stream() {
  return {Code::not_found, "there is no such stream, or it has expired",
          "a stream is kept for a while after its end (streams.keep), for the key that began it"};
}

struct MemoryStreams::Stream : StreamIndex::Entry {
  explicit Stream(StreamStart stream_start) : start(std::move(stream_start)) {}

  const StreamStart start;
  net::SharedWake wake;  // more bytes, the end, another reader, removal

  // Guarded by the store's mutex_.
  StreamContent content;
  bool growing = true;
  bool removed = false;
  bool attached = false;
  bool delivered = false;        // a client has got it to the end
  std::optional<Error> failure;  // what ended it
  std::uint64_t turn = 0;
  Monotonic idle_since{};  // when it ended or the last reader left, whichever is later
};

// A block on its way to the disk, counted as being written. Unless it arrives, because who carries it there
// is cancelled, it is an ordinary block in memory again. Never destroyed under mutex_.
struct MemoryStreams::Spill {
  // Shared with the worker that writes into it: the place is nobody else's before that has ended.
  struct Place {
    Place(std::shared_ptr<SpillFile> spill_file, std::uint32_t taken)
        : file(std::move(spill_file)), number(taken) {}
    ~Place() {
      if (!kept) file->give_back(number);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const std::shared_ptr<SpillFile> file;
    const std::uint32_t number;
    bool kept = false;  // the block's from now on
  };

  Spill(MemoryStreams& the_store, StreamPtr from, const StreamBlock& block, std::uint32_t taken)
      : store(the_store),
        stream(std::move(from)),
        block_begin(block.begin),
        bytes(block.bytes),
        place(std::make_shared<Place>(store.file_, taken)) {}
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  MemoryStreams& store;
  const StreamPtr stream;
  const std::uint64_t block_begin;
  const std::shared_ptr<std::string> bytes;
  const std::shared_ptr<Place> place;
  bool arrived = false;  // or is held no more
};

// What stands at an offset.
struct MemoryStreams::Look {
  std::string bytes;                   // in memory
  std::optional<std::uint32_t> place;  // on the disk
  std::size_t from = 0, size = 0;      // within that block
  std::optional<Error> failure;
  bool at_end = false;  // nothing there yet, or behind the last byte
};

}  // namespace weir::data

#include "data/memory/streams_parts.h"
#include "net/sleep.h"

namespace weir::data {
namespace {

Error bytes_gone() {
  return {Code::gone, "the stream's bytes behind this event are not held any more",
          "ask again from the start of the conversation"};
}

}  // namespace

Task<Result<StreamReader>> MemoryStreams::attach(StreamOwner owner, std::string id, std::uint64_t after) {
  StreamPtr stream;
  std::optional<StreamContent::Mark> mark;
  {
    const std::lock_guard lock(mutex_);
    stream = owned(owner, id);
    if (!stream) co_return fail(unknown_stream());
    const std::uint64_t events = stream->content.events();
    if (after > events) {
      co_return fail(Code::invalid_request, "the stream has " + std::to_string(events) + " events so far",
                     "name the last event that has arrived");
    }
    mark = stream->content.mark_before(after);
  }
  if (!mark) co_return fail(bytes_gone());
  auto offset = co_await offset_behind(stream, *mark, after);
  if (!offset) co_return fail(offset);
  StreamReader reader{.id = std::move(id), .offset = *offset};
  {
    const std::lock_guard lock(mutex_);
    if (stream->removed) co_return fail(unknown_stream());
    if (stream->failure && after > 0 && *offset == stream->content.end()) {
      co_return fail(Code::gone, "the stream ended behind this event: " + stream->failure->message,
                     "nothing more will come; ask anew");
    }
    reader.turn = ++stream->turn;
    stream->attached = true;
    index(*stream);
  }
  stream->wake.wake_all();
  co_return reader;
}

// Counts on from the mark. Behind a CR the LF that belongs to it is skipped as well.
Task<Result<std::uint64_t>> MemoryStreams::offset_behind(StreamPtr stream, StreamContent::Mark mark,
                                                         std::uint64_t event) {
  EventMarks scanner(mark.event == 0);
  std::uint64_t offset = mark.offset;
  std::uint64_t found = mark.offset;
  while (mark.event < event) {
    auto bytes = co_await read_block(stream, offset);
    if (!bytes) co_return fail(bytes);
    if (bytes->empty()) break;
    std::string_view rest = *bytes;
    while (!rest.empty()) {
      EventMark seen{};
      const std::size_t taken = scanner.next(rest, seen);
      rest.remove_prefix(taken);
      offset += taken;
      if (seen == EventMark::event_end && ++mark.event == event) {
        found = offset;
        if (rest.starts_with('\n') && bytes->at(bytes->size() - rest.size() - 1) == '\r') ++found;
        break;
      }
    }
  }
  co_return found;
}

MemoryStreams::Look MemoryStreams::look(const StreamPtr& stream, std::uint64_t offset) const {
  Look seen;
  if (stream->removed) {
    seen.failure = unknown_stream();
  } else if (offset < stream->content.begin()) {
    seen.failure = bytes_gone();
  } else if (const StreamBlock* block = stream->content.block_at(offset); block == nullptr) {
    seen.at_end = true;
  } else {
    seen.from = offset - block->begin;
    seen.size = block->size - seen.from;
    if (block->bytes) {
      seen.bytes = block->bytes->substr(seen.from);
    } else {
      seen.place = block->place;
    }
  }
  return seen;
}

// What is held from this offset on, a block at most; empty when nothing is there yet.
Task<Result<std::string>> MemoryStreams::read_block(StreamPtr stream, std::uint64_t offset) {
  while (true) {
    Look seen;
    {
      const std::lock_guard lock(mutex_);
      seen = look(stream, offset);
    }
    if (seen.failure) co_return fail(*std::move(seen.failure));
    if (!seen.place) co_return std::move(seen.bytes);
    auto work = [file = file_, place = *seen.place, from = seen.from, size = seen.size] {
      return file->read(place, from, size);
    };
    auto bytes = co_await workers_.run(std::move(work));
    if (!bytes && bytes.error().code == Code::overloaded) {
      co_await net::sleep_for(kDiskPause);
      continue;
    }
    if (!bytes) co_return fail(bytes);
    // The block may have been forgotten meanwhile, and its place be another's.
    const std::lock_guard lock(mutex_);
    const Look now = look(stream, offset);
    if (now.place == seen.place) co_return bytes;
    if (now.failure) co_return fail(Error(*now.failure));
  }
}

Task<Result<std::string>> MemoryStreams::read(StreamReader& reader) {
  std::shared_ptr<net::SharedWake::Waiter> waiter;
  while (true) {
    StreamPtr stream;
    bool waits = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = streams_.find(reader.id);
      if (found == streams_.end()) co_return fail(unknown_stream());
      stream = found->second;
      if (stream->turn != reader.turn) {
        co_return fail(Code::conflict, "another connection has taken the stream over");
      }
      const std::uint64_t end = stream->content.end();
      if (reader.offset == end && !stream->growing) {
        if (stream->failure) co_return fail(Error(*stream->failure));
        co_return std::string();
      }
      waits = reader.offset == end;
      if (waits && waiter) stream->wake.enlist(waiter);
    }
    if (!waits) {
      auto bytes = co_await read_block(stream, reader.offset);
      if (!bytes) co_return fail(bytes);
      reader.offset += bytes->size();
      co_return bytes;
    }
    if (waiter) {
      co_await net::SharedWake::wait(std::move(waiter));
      waiter = nullptr;
    } else {
      waiter = co_await net::SharedWake::waiter();
    }
  }
}

void MemoryStreams::leave(const StreamReader& reader, bool to_the_end) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(reader.id);
  if (found == streams_.end()) return;
  Stream& stream = *found->second;
  if (to_the_end) stream.delivered = true;
  if (stream.turn != reader.turn) return;
  stream.attached = false;
  stream.idle_since = clock_.monotonic();
  index(stream);
}

}  // namespace weir::data

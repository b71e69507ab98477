#include "data/memory/streams.h"

#include <algorithm>

#include "net/sleep.h"

namespace weir::data {
namespace {

constexpr std::chrono::milliseconds kDiskPause{20};  // while the workers' queue is full
constexpr int kDiskTries = 250;

Error unknown() {
  return {Code::not_found, "there is no such stream, or it has expired",
          "a stream is kept for a while after its end (streams.keep), for the key that began it"};
}

Error bytes_gone() {
  return {Code::gone, "the stream's bytes behind this event are not held any more",
          "ask again from the start of the conversation"};
}

std::size_t spilled_size(const StreamContent& content) {
  return content.end() - content.begin() - content.memory();
}

}  // namespace

struct MemoryStreams::Stream {
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
  ~Spill() {
    if (arrived) return;
    const std::lock_guard lock(store.mutex_);
    if (stream->content.abandon_writing(block_begin)) store.writing_ -= bytes->size();
  }
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

MemoryStreams::MemoryStreams(std::unique_ptr<SpillFile> file, MemoryStreamsConfig config, const Clock& clock,
                             net::WorkerPool& workers, observe::Metrics& metrics)
    : config_(config),
      clock_(clock),
      workers_(workers),
      file_(std::move(file)),
      held_gauge_(metrics.gauge("weir_streams_held", "Resumable streams that are growing or kept.")),
      memory_gauge_(metrics.gauge("weir_streams_memory_bytes", "Bytes of resumable streams in memory.")),
      spilled_gauge_(metrics.gauge("weir_streams_spilled_bytes", "Bytes of resumable streams on the disk.")),
      expired_(
          metrics.counter("weir_streams_expired_total", "Resumable streams that were kept long enough.")),
      forgotten_(metrics.counter("weir_streams_forgotten_bytes_total",
                                 "Bytes of resumable streams that exceeded every bound.")) {}

MemoryStreams::~MemoryStreams() = default;

MemoryStreams::StreamPtr MemoryStreams::owned(const StreamOwner& owner, const std::string& id) const {
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second->start.owner != owner) return nullptr;
  return found->second;
}

void MemoryStreams::publish() {
  held_gauge_.set(static_cast<std::int64_t>(streams_.size()));
  memory_gauge_.set(static_cast<std::int64_t>(memory_));
  spilled_gauge_.set(static_cast<std::int64_t>(spilled_));
}

Task<Result<>> MemoryStreams::begin(StreamStart start) {
  const std::lock_guard lock(mutex_);
  if (streams_.size() >= config_.streams_max && release_expired_locked() == 0) {
    co_return fail(Code::overloaded, std::to_string(config_.streams_max) + " streams are held already",
                   "try again in a moment");
  }
  auto stream = std::make_shared<Stream>(std::move(start));
  stream->idle_since = clock_.monotonic();
  const StreamStart& kept = stream->start;
  if (!kept.chat_id.empty()) chats_.insert_or_assign(ChatKey(kept.owner, kept.chat_id), kept.id);
  WEIR_ASSERT(streams_.emplace(kept.id, stream).second);
  publish();
  co_return Result<>();
}

Task<Result<>> MemoryStreams::append(std::string id, std::string bytes) {
  StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end() || !found->second->growing) co_return fail(unknown());
    stream = found->second;
    stream->content.append(bytes);
    memory_ += bytes.size();
    const StreamContent& content = stream->content;
    while (content.end() - content.begin() > config_.stream_size_max) forget_oldest(*stream);
    publish();
  }
  stream->wake.wake_all();
  while (true) {
    std::unique_ptr<Spill> job;
    {
      const std::lock_guard lock(mutex_);
      job = next_spill(stream);
    }
    if (!job) co_return Result<>();
    co_await spill(std::move(job));
  }
}

Task<> MemoryStreams::end(std::string id, std::optional<Error> failure) {
  StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end() || !found->second->growing) co_return;
    stream = found->second;
    stream->growing = false;
    stream->failure = std::move(failure);
    stream->idle_since = clock_.monotonic();
  }
  stream->wake.wake_all();
}

// The bounds: first the stream's own, then the one of all, which the largest makes room for. What finds
// no place on the disk is forgotten.
std::unique_ptr<MemoryStreams::Spill> MemoryStreams::next_spill(const StreamPtr& stream) {
  while (true) {
    StreamPtr from;
    const StreamContent& own = stream->content;
    if (own.memory() - own.writing() > config_.stream_memory_max) {
      from = stream;
    } else if (memory_ - writing_ > config_.memory_max) {
      from = largest_in_memory();
    }
    if (!from) return nullptr;
    StreamBlock* const block = from->content.oldest_in_memory();
    if (block == nullptr) return nullptr;
    const auto place = file_->take();
    if (!place) {
      // Everything up to this block, so that what is held stays without holes.
      const std::uint64_t end = block->begin + block->size;
      while (from->content.begin() < end) forget_oldest(*from);
      publish();
      continue;
    }
    from->content.begin_writing(*block);
    writing_ += block->size;
    return std::make_unique<Spill>(*this, from, *block, *place);
  }
}

MemoryStreams::StreamPtr MemoryStreams::largest_in_memory() const {
  StreamPtr largest;
  std::size_t most = 0;
  for (const auto& [id, stream] : streams_) {
    const std::size_t size = stream->content.memory() - stream->content.writing();
    if (size <= most) continue;
    most = size;
    largest = stream;
  }
  return largest;
}

Task<> MemoryStreams::spill(std::unique_ptr<Spill> job) {
  Result<> written = fail(Code::overloaded, "not tried");
  for (int tries = 0; !written && written.error().code == Code::overloaded && tries < kDiskTries; ++tries) {
    if (tries > 0) co_await net::sleep_for(kDiskPause);
    auto write = [bytes = job->bytes, place = job->place] {
      return place->file->write(place->number, *bytes);
    };
    written = co_await workers_.run(std::move(write));
  }
  const std::lock_guard lock(mutex_);
  job->arrived = true;
  const std::size_t size = job->bytes->size();
  Stream& stream = *job->stream;
  if (stream.content.finish_writing(job->block_begin, job->place->number)) {
    job->place->kept = true;
    writing_ -= size;
    memory_ -= size;
    spilled_ += size;
    // What could not be written is lost, and everything before it with it.
    while (!written && stream.content.begin() <= job->block_begin) forget_oldest(stream);
  }
  publish();
}

void MemoryStreams::forget_oldest(Stream& stream) {
  StreamContent& content = stream.content;
  const std::uint64_t begin = content.begin();
  const std::size_t memory = content.memory();
  const std::size_t writing = content.writing();
  const std::size_t spilled = spilled_size(content);
  if (const auto place = content.forget_oldest()) file_->give_back(*place);
  memory_ -= memory - content.memory();
  writing_ -= writing - content.writing();
  spilled_ -= spilled - spilled_size(content);
  if (!stream.removed) forgotten_.add(content.begin() - begin);
}

Task<Result<StreamFacts>> MemoryStreams::find(StreamOwner owner, std::string id) {
  const std::lock_guard lock(mutex_);
  const StreamPtr stream = owned(owner, id);
  if (!stream) co_return fail(unknown());
  co_return StreamFacts{.headers = stream->start.headers,
                        .events = stream->content.events(),
                        .growing = stream->growing,
                        .whole = !stream->growing && !stream->failure &&
                                 stream->content.last_event_end() == stream->content.end()};
}

Task<Result<StreamReader>> MemoryStreams::attach(StreamOwner owner, std::string id, std::uint64_t after) {
  StreamPtr stream;
  std::optional<StreamContent::Mark> mark;
  {
    const std::lock_guard lock(mutex_);
    stream = owned(owner, id);
    if (!stream) co_return fail(unknown());
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
    if (stream->removed) co_return fail(unknown());
    if (stream->failure && after > 0 && *offset == stream->content.end()) {
      co_return fail(Code::gone, "the stream ended behind this event: " + stream->failure->message,
                     "nothing more will come; ask anew");
    }
    reader.turn = ++stream->turn;
    stream->attached = true;
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
    seen.failure = unknown();
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
      if (found == streams_.end()) co_return fail(unknown());
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
}

Task<Result<std::string>> MemoryStreams::newest_of_chat(StreamOwner owner, std::string chat_id) {
  const std::lock_guard lock(mutex_);
  const auto found = chats_.find(ChatKey(std::move(owner), std::move(chat_id)));
  if (found == chats_.end()) co_return fail(unknown());
  const Stream& stream = *streams_.at(found->second);
  if (stream.delivered && !stream.growing) co_return fail(unknown());
  co_return found->second;
}

Task<Result<>> MemoryStreams::remove(StreamOwner owner, std::string id) {
  StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    stream = owned(owner, id);
    if (!stream) co_return fail(unknown());
    erase(stream);
    publish();
  }
  stream->wake.wake_all();
  co_return Result<>();
}

void MemoryStreams::erase(const StreamPtr& stream) {
  stream->removed = true;
  stream->growing = false;
  while (!stream->content.empty()) forget_oldest(*stream);
  const auto chat = chats_.find(ChatKey(stream->start.owner, stream->start.chat_id));
  if (chat != chats_.end() && chat->second == stream->start.id) chats_.erase(chat);
  streams_.erase(stream->start.id);
}

Task<Result<std::vector<std::string>>> MemoryStreams::overdue(std::vector<std::string> ids) {
  const std::lock_guard lock(mutex_);
  const Monotonic now = clock_.monotonic();
  std::erase_if(ids, [&](const std::string& id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return false;
    const Stream& stream = *found->second;
    return !stream.growing || stream.attached || now - stream.idle_since < stream.start.grace;
  });
  co_return ids;
}

std::size_t MemoryStreams::release_expired() {
  const std::lock_guard lock(mutex_);
  const std::size_t released = release_expired_locked();
  publish();
  return released;
}

std::size_t MemoryStreams::release_expired_locked() {
  const Monotonic now = clock_.monotonic();
  std::vector<StreamPtr> over;
  for (const auto& [id, stream] : streams_) {
    if (!stream->growing && !stream->attached && now - stream->idle_since >= config_.keep)
      over.push_back(stream);
  }
  for (const StreamPtr& stream : over) erase(stream);
  expired_.add(over.size());
  return over.size();
}

std::size_t MemoryStreams::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}

std::size_t MemoryStreams::stream_count() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace weir::data

#include "data/memory/streams.h"

#include "data/memory/streams_parts.h"

namespace weir::data {

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
      displaced_(metrics.counter("weir_streams_displaced_total",
                                 "Resumable streams that made room for others before their time.")),
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
  if (streams_.size() >= config_.streams_max) make_room();
  if (streams_.size() >= config_.streams_max) {
    co_return fail(Code::overloaded, std::to_string(config_.streams_max) + " streams are held already",
                   "try again in a moment");
  }
  auto stream = std::make_shared<Stream>(std::move(start));
  stream->idle_since = clock_.monotonic();
  const StreamStart& kept = stream->start;
  if (!kept.chat_id.empty()) chats_.insert_or_assign(ChatKey(kept.owner, kept.chat_id), kept.id);
  WEIR_ASSERT(streams_.emplace(kept.id, stream).second);
  index_.add(*stream, kept.owner);
  publish();
  co_return Result<>();
}

void MemoryStreams::make_room() {
  if (release_expired_locked() > 0) return;
  auto* const spare = static_cast<Stream*>(index_.dispensable());
  if (spare == nullptr) return;
  erase(streams_.at(spare->start.id));
  displaced_.add();
}

void MemoryStreams::index(Stream& stream) {
  if (stream.removed) return;
  index_.set_bytes(stream, stream.content.memory() - stream.content.writing());
  const bool idle = !stream.growing && !stream.attached;
  index_.set_idle(stream, idle ? std::optional(stream.idle_since) : std::nullopt);
}

Task<Result<>> MemoryStreams::append(std::string id, std::string bytes) {
  StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end() || !found->second->growing) co_return fail(unknown_stream());
    stream = found->second;
    stream->content.append(bytes);
    memory_ += bytes.size();
    const StreamContent& content = stream->content;
    while (content.end() - content.begin() > config_.stream_size_max) forget_oldest(*stream);
    index(*stream);
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
    index(*stream);
  }
  stream->wake.wake_all();
}

Task<Result<StreamFacts>> MemoryStreams::find(StreamOwner owner, std::string id) {
  const std::lock_guard lock(mutex_);
  const StreamPtr stream = owned(owner, id);
  if (!stream) co_return fail(unknown_stream());
  co_return StreamFacts{.headers = stream->start.headers,
                        .events = stream->content.events(),
                        .growing = stream->growing,
                        .whole = !stream->growing && !stream->failure &&
                                 stream->content.last_event_end() == stream->content.end()};
}

Task<Result<std::string>> MemoryStreams::newest_of_chat(StreamOwner owner, std::string chat_id) {
  const std::lock_guard lock(mutex_);
  const auto found = chats_.find(ChatKey(std::move(owner), std::move(chat_id)));
  if (found == chats_.end()) co_return fail(unknown_stream());
  const Stream& stream = *streams_.at(found->second);
  if (stream.delivered && !stream.growing) co_return fail(unknown_stream());
  co_return found->second;
}

Task<Result<>> MemoryStreams::remove(StreamOwner owner, std::string id) {
  StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    stream = owned(owner, id);
    if (!stream) co_return fail(unknown_stream());
    erase(stream);
    publish();
  }
  stream->wake.wake_all();
  co_return Result<>();
}

void MemoryStreams::erase(const StreamPtr& stream) {
  index_.remove(*stream);
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
  const Monotonic before = clock_.monotonic() - config_.keep;
  std::size_t released = 0;
  while (auto* const over = static_cast<Stream*>(index_.idle_before(before))) {
    erase(streams_.at(over->start.id));
    ++released;
  }
  expired_.add(released);
  return released;
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

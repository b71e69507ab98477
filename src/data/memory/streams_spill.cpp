#include "data/memory/streams_parts.h"
#include "net/sleep.h"

namespace weir::data {
namespace {

constexpr int kDiskTries = 250;

std::size_t spilled_size(const StreamContent& content) {
  return content.end() - content.begin() - content.memory();
}

}  // namespace

MemoryStreams::Spill::~Spill() {
  if (arrived) return;
  const std::lock_guard lock(store.mutex_);
  if (!stream->content.abandon_writing(block_begin)) return;
  store.writing_ -= bytes->size();
  store.index(*stream);
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
      const auto* const largest = static_cast<const Stream*>(index_.largest());
      if (largest != nullptr) from = streams_.at(largest->start.id);
    }
    if (!from) return nullptr;
    StreamBlock* const block = from->content.oldest_in_memory();
    if (block == nullptr) return nullptr;
    const auto place = file_->take();
    if (!place) {
      // Everything up to this block, so that what is held stays without holes.
      const std::uint64_t end = block->begin + block->size;
      while (from->content.begin() < end) forget_oldest(*from);
      index(*from);
      publish();
      continue;
    }
    from->content.begin_writing(*block);
    writing_ += block->size;
    index(*from);
    return std::make_unique<Spill>(*this, from, *block, *place);
  }
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
    index(stream);
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

}  // namespace weir::data

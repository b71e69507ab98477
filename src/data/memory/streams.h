// data/memory/streams.h: streams in this process, with what exceeds its memory in a file of the data
// directory. They end with the process.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "data/memory/spill_file.h"
#include "data/memory/stream_content.h"
#include "data/memory/stream_index.h"
#include "data/streams.h"
#include "net/shared_wake.h"
#include "net/worker_pool.h"
#include "observe/metrics.h"

namespace weir::data {

struct MemoryStreamsConfig {
  std::size_t streams_max = 10'000;
  std::size_t stream_memory_max = 1024 * 1024;     // of one stream; the rest of it goes to the disk
  std::size_t stream_size_max = 64 * 1024 * 1024;  // of one stream in both; then its oldest bytes go
  std::size_t memory_max = 256 * 1024 * 1024;      // of all
  std::size_t disk_max = 1024 * 1024 * 1024;       // of all; the bound of the spill file
  std::chrono::milliseconds keep{300'000};         // after the end, or after the last reader if that is later
};

// When streams_max are held, who begins another gets the place of one that is only kept: of the owner with
// the most streams, and of those the one that nobody has read for longest. So no key can take all places, nor
// push others' bytes out of the memory.
//
// One lock for all streams, held while bytes are copied, and for no look at all of them. The bounds hold but
// for the pieces that are just being appended and the blocks that are on their way to the disk.
class MemoryStreams final : public Streams {
 public:
  MemoryStreams(std::unique_ptr<SpillFile> file, MemoryStreamsConfig config, const Clock& clock,
                net::WorkerPool& workers, observe::Metrics& metrics);
  ~MemoryStreams() override;

  Task<Result<>> begin(StreamStart start) override;
  Task<Result<>> append(std::string id, std::string bytes) override;
  Task<> end(std::string id, std::optional<Error> failure) override;
  Task<Result<StreamFacts>> find(StreamOwner owner, std::string id) override;
  Task<Result<StreamReader>> attach(StreamOwner owner, std::string id, std::uint64_t after) override;
  Task<Result<std::string>> read(StreamReader& reader) override;
  void leave(const StreamReader& reader, bool to_the_end) override;
  Task<Result<std::string>> newest_of_chat(StreamOwner owner, std::string chat_id) override;
  Task<Result<>> remove(StreamOwner owner, std::string id) override;
  Task<Result<std::vector<std::string>>> overdue(std::vector<std::string> ids) override;

  // Forgets the streams that have been kept long enough, and says how many; for a timer.
  std::size_t release_expired();
  std::size_t memory_bytes() const;
  std::size_t stream_count() const;

 private:
  struct Stream;
  using StreamPtr = std::shared_ptr<Stream>;  // held by who waits in it, while it may be removed
  struct Spill;
  struct Look;
  using ChatKey = std::pair<StreamOwner, std::string>;

  // All of these with mutex_ held.
  StreamPtr owned(const StreamOwner& owner, const std::string& id) const;
  std::size_t release_expired_locked();
  void erase(const StreamPtr& stream);
  void forget_oldest(Stream& stream);
  std::unique_ptr<Spill> next_spill(const StreamPtr& stream);
  void make_room();
  // After each change of the stream.
  void index(Stream& stream);
  Look look(const StreamPtr& stream, std::uint64_t offset) const;
  void publish();

  Task<> spill(std::unique_ptr<Spill> job);
  Task<Result<std::string>> read_block(StreamPtr stream, std::uint64_t offset);
  Task<Result<std::uint64_t>> offset_behind(StreamPtr stream, StreamContent::Mark mark, std::uint64_t event);

  const MemoryStreamsConfig config_;
  const Clock& clock_;
  net::WorkerPool& workers_;
  const std::shared_ptr<SpillFile> file_;  // shared with workers, which may outlast a caller
  observe::Gauge& held_gauge_;
  observe::Gauge& memory_gauge_;
  observe::Gauge& spilled_gauge_;
  observe::Counter& expired_;
  observe::Counter& displaced_;
  observe::Counter& forgotten_;

  mutable std::mutex mutex_;
  std::unordered_map<std::string, StreamPtr> streams_;
  std::map<ChatKey, std::string> chats_;  // the newest stream of each
  StreamIndex index_;
  std::size_t memory_ = 0;   // of all streams
  std::size_t writing_ = 0;  // of that, on its way to the disk
  std::size_t spilled_ = 0;  // on the disk
};

}  // namespace weir::data

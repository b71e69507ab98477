// data/cassettes/writer.h: carries recorded exchanges from the hot path to the disk: a queue that is bounded
// in bytes and one thread, which takes the secrets out and writes a file for each.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/random.h"
#include "data/cassettes/cassette.h"
#include "data/cassettes/redaction.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::data {

struct CassetteWriterConfig {
  std::string directory;                          // made when it is missing
  std::size_t queue_size_max = 64 * 1024 * 1024;  // bytes of exchanges that wait; further ones are dropped
  // Bytes of all cassettes in the directory, those of earlier runs included; further ones are dropped. 0:
  // any.
  std::size_t directory_size_max = 0;
  RedactionConfig redaction;
};

// Any thread may write. Exchanges that are dropped are counted, and the first of them is logged.
class CassetteWriter {
 public:
  CassetteWriter(CassetteWriterConfig config, Random& random, observe::Log& log, observe::Metrics& metrics);
  ~CassetteWriter();  // finishes
  CassetteWriter(const CassetteWriter&) = delete;
  CassetteWriter& operator=(const CassetteWriter&) = delete;

  // Makes the directory, before the first write.
  Result<> open();
  // No more of them is kept: the directory has as much as it may.
  bool is_full() const;
  void write(Cassette cassette);
  void finish();  // writes what is queued; nothing may be written afterwards
  // One that was chosen and cannot be kept, with the reason: "too_large", "encoded".
  void drop(std::string_view reason);

  std::uint64_t written() const { return written_count_; }
  std::uint64_t dropped() const { return dropped_count_; }

 private:
  void run();
  Result<> store(Cassette cassette);

  const CassetteWriterConfig config_;
  const Redactor redactor_;
  Random& random_;
  observe::Log& log_;
  observe::Metrics& metrics_;
  observe::Counter& written_;
  std::atomic<std::uint64_t> written_count_{0};
  std::atomic<std::uint64_t> dropped_count_{0};
  std::atomic<std::size_t> directory_size_{0};
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Cassette> queue_;  // guarded by mutex_, as are the next two
  std::size_t queued_size_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace weir::data

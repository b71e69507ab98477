// data/memory/limits.h: the exact sliding log in this process. Each subject has the times of its
// admissions of the last window: at `now` those in (now - window, now] count. A log takes 16 bytes for
// each admission; limits above 65,536 are kept in steps of window/65,536, an admission counting up to one
// step longer than the window and never shorter, so that a log takes 1 MiB at most.
//
// A subject is asked with one limit. When its limit is reconfigured, the admissions still held count
// under the new one; a longer window does not bring back those already dropped.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "data/limits.h"

namespace weir::data {

struct MemoryLimitsConfig {
  // Subjects with admissions in their window. When that many are live, a new one is refused with
  // `overloaded`: dropping a live log to make room would raise its owner's allowance.
  std::size_t subjects_max = 1'000'000;
  std::size_t shards = 64;  // each with a lock of its own
};

// Thread-safe. admit() never suspends: it holds one shard's lock for a few hundred nanoseconds.
class MemoryLimits final : public Limits {
 public:
  MemoryLimits(MemoryLimitsConfig config, const Clock& clock);
  ~MemoryLimits() override;

  // invalid_request: a limit whose window is not positive.
  Task<Result<RateDecision>> admit(std::string_view subject, RateLimit limit) override;

  // Frees the logs whose window has passed, and says how many. admit() frees a few on its way; calling
  // this from a timer frees the rest when nobody comes any more.
  std::size_t release_passed();
  std::size_t subject_count() const { return subject_count_; }

 private:
  class Shard;
  Result<RateDecision> decide(std::string_view subject, RateLimit limit);

  const MemoryLimitsConfig config_;
  const Clock& clock_;
  std::atomic<std::size_t> subject_count_{0};
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace weir::data

// data/memory/limits.h: limits in this process: exact, and gone with it. A log takes 16 bytes for each
// admission; limits above 65,536 are kept in steps of window/65,536, an admission counting up to one step
// longer than the window and never shorter, so that a log takes 1 MiB at most.
//
// A subject is asked with one limit. When its amount or window is reconfigured, what is still counted counts
// under the new one; a longer window does not bring back what was already dropped.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "data/limits.h"

namespace weir::data {

struct MemoryLimitsConfig {
  // Subjects of which something is counted. When that many are live, a new one is refused with
  // `overloaded`: dropping a live one to make room would raise its owner's allowance.
  std::size_t subjects_max = 1'000'000;
  std::size_t shards = 64;  // each with a lock of its own
};

// Thread-safe, and never suspends: it holds the locks of the shards concerned, in their order, for a few
// hundred nanoseconds a charge.
class MemoryLimits final : public Limits {
 public:
  MemoryLimits(MemoryLimitsConfig config, const Clock& clock);
  ~MemoryLimits() override;

  Task<Result<Decision>> decide(std::string_view id, std::span<const Charge> charges) override;
  Task<Result<std::int64_t>> extend(std::string_view id, std::span<const Charge> charges,
                                    std::int64_t units) override;
  void settle(std::string_view id, std::span<const Charge> charges) override;
  void renew(std::span<const Hold> holds) override;
  Task<Result<>> restore(std::span<const Charge> charges) override;

  // Frees the subjects of which nothing counts any more, and what holders have left behind; says how many
  // subjects. A decision frees a few on its way; calling this from a timer frees the rest when nobody comes.
  std::size_t release_passed();
  std::size_t subject_count() const { return subject_count_; }

 private:
  class Shard;
  class Locked;
  Result<Decision> decide_now(std::string_view id, std::span<const Charge> charges);
  std::size_t shard_of(std::string_view subject) const;

  const MemoryLimitsConfig config_;
  const Clock& clock_;
  std::atomic<std::size_t> subject_count_{0};
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace weir::data

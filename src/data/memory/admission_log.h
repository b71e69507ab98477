// data/memory/admission_log.h: when one subject was admitted, oldest first: a ring of times with a count
// at each, which grows to the admissions (or resolution steps) of one window and no further.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace weir::data {

class AdmissionLog {
 public:
  std::size_t size() const { return size_; }  // admissions
  bool empty() const { return size_ == 0; }
  Monotonic oldest() const { return entry(0).time; }
  Monotonic newest() const { return entry(entries_used_ - 1).time; }

  // The time of the admission that has `older` others before it; older < size().
  Monotonic time_after(std::size_t older) const {
    std::size_t index = 0;
    while (entry(index).count <= older) older -= entry(index++).count;
    return entry(index).time;
  }

  // Notes the end of the resolution step in which `time` lies, so that an admission may count for up to
  // one step longer than the window, and never shorter. A resolution of 1 ns is exact.
  void add(Monotonic time, Monotonic resolution) {
    ++size_;
    if (entries_used_ > 0 && time <= newest()) {
      ++entry(entries_used_ - 1).count;
      return;
    }
    if (entries_used_ == ring_.size()) grow();
    const Monotonic past = time % resolution;
    ++entries_used_;
    entry(entries_used_ - 1) = {past == Monotonic::zero() ? time : time - past + resolution, 1};
  }

  // Drops the admissions at or before `time`.
  void drop_until(Monotonic time) {
    while (entries_used_ > 0 && oldest() <= time) {
      size_ -= entry(0).count;
      first_ = (first_ + 1) & (ring_.size() - 1);
      --entries_used_;
    }
  }

 private:
  struct Entry {
    Monotonic time{};
    std::uint32_t count = 0;
  };

  Entry& entry(std::size_t index) { return ring_[(first_ + index) & (ring_.size() - 1)]; }
  const Entry& entry(std::size_t index) const { return ring_[(first_ + index) & (ring_.size() - 1)]; }

  void grow() {
    std::vector<Entry> larger(ring_.empty() ? 4 : 2 * ring_.size());  // always a power of two
    for (std::size_t i = 0; i < entries_used_; ++i) larger[i] = entry(i);
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<Entry> ring_;
  std::size_t first_ = 0;
  std::size_t entries_used_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::data

// data/memory/admission_log.h: what one subject took and when, oldest first: a ring of times with the units
// at each, which grows to the entries (or resolution steps) of one window and no further.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace weir::data {

class AdmissionLog {
 public:
  std::uint64_t size() const { return size_; }  // units
  bool empty() const { return size_ == 0; }
  Monotonic oldest() const { return entry(0).time; }
  Monotonic newest() const { return entry(entries_used_ - 1).time; }

  // The time of the unit that has `older` others before it; older < size().
  Monotonic time_after(std::uint64_t older) const {
    std::size_t index = 0;
    while (entry(index).units <= older) older -= entry(index++).units;
    return entry(index).time;
  }

  // Notes the end of the resolution step in which `time` lies, so that a unit may count for up to one step
  // longer than the window, and never shorter. A resolution of 1 ns is exact.
  void add(Monotonic time, Monotonic resolution, std::uint64_t units = 1) {
    if (units == 0) return;
    size_ += units;
    if (entries_used_ > 0 && time <= newest()) {
      entry(entries_used_ - 1).units += units;
      return;
    }
    if (entries_used_ == ring_.size()) grow();
    const Monotonic past = time % resolution;
    ++entries_used_;
    entry(entries_used_ - 1) = {past == Monotonic::zero() ? time : time - past + resolution, units};
  }

  // Drops the units taken at or before `time`.
  void drop_until(Monotonic time) {
    while (entries_used_ > 0 && oldest() <= time) {
      size_ -= entry(0).units;
      first_ = (first_ + 1) & (ring_.size() - 1);
      --entries_used_;
    }
  }

 private:
  struct Entry {
    Monotonic time{};
    std::uint64_t units = 0;
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
  std::uint64_t size_ = 0;
};

}  // namespace weir::data

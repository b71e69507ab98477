// data/memory/admission_log.h: the times at which one subject was admitted, oldest first: a ring that
// grows to the limit's count and no further.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace weir::data {

class AdmissionLog {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Monotonic at(std::size_t index) const { return times_[(first_ + index) & (times_.size() - 1)]; }
  Monotonic newest() const { return at(size_ - 1); }

  // `time` is not before newest().
  void add(Monotonic time) {
    if (size_ == times_.size()) grow();
    times_[(first_ + size_) & (times_.size() - 1)] = time;
    ++size_;
  }
  // Drops the admissions at or before `time`.
  void drop_until(Monotonic time) {
    while (size_ > 0 && at(0) <= time) {
      first_ = (first_ + 1) & (times_.size() - 1);
      --size_;
    }
  }

 private:
  void grow() {
    std::vector<Monotonic> larger(times_.empty() ? 4 : 2 * times_.size());  // always a power of two
    for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
    times_.swap(larger);
    first_ = 0;
  }

  std::vector<Monotonic> times_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::data

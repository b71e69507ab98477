// base/bounded_queue.h: many producers that never wait, one consumer that takes everything at once.
// This is how a hot path hands work to a writer thread: push is a short critical section, and a full
// queue refuses, so that the producer can count the drop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace weir {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False when the queue is full or closed; the item then stays with the caller, not moved from.
  bool push(T&& item) {
    const std::lock_guard lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    if (items_.size() == 1) ready_.notify_one();
    return true;
  }
  bool push(const T& item) { return push(T(item)); }

  // Waits up to `wait` for the first item, then moves all into `out` (cleared first).
  // False when the queue is closed and empty: the consumer's sign to end.
  bool take_all(std::vector<T>& out, std::chrono::milliseconds wait) {
    out.clear();
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, wait, [&] { return closed_ || !items_.empty(); });
    out.swap(items_);
    return !(closed_ && out.empty());
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_all();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<T> items_;
  bool closed_ = false;
};

}  // namespace weir

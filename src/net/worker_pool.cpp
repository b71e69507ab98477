#include "net/worker_pool.h"

#include <sys/resource.h>

namespace weir::net {
namespace {

constexpr int kBackgroundNice = 10;

}  // namespace

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t queue_max, ThreadPriority priority)
    : name_(std::move(name)), queue_max_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, priority] { run_thread(priority); });
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool WorkerPool::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= queue_max_) return false;
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
  return true;
}

void WorkerPool::run_thread(ThreadPriority priority) {
  // On Linux the caller's thread alone: nice is a thread's there (setpriority(2), "C library/kernel
  // differences").
  if (priority == ThreadPriority::background) ::setpriority(PRIO_PROCESS, 0, kBackgroundNice);
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it captured goes before the lock is taken again
    lock.lock();
  }
}

}  // namespace weir::net

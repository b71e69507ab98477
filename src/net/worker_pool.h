// net/worker_pool.h: threads for what blocks (SQLite, DNS, parsing). The result comes back to the
// caller's loop; the queue is bounded, and a full one answers `overloaded`.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/task.h"

namespace weir::net {

// background: the system gives its threads the processor when others leave it (nice 10).
enum class ThreadPriority : std::uint8_t { usual, background };

class WorkerPool {
 public:
  // name: for logs and metrics. queue_max: jobs that may wait.
  WorkerPool(std::string name, std::size_t threads, std::size_t queue_max,
             ThreadPriority priority = ThreadPriority::usual);
  ~WorkerPool();  // as stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `work` (which returns Result<T>) on a thread of the pool. When the caller is cancelled
  // meanwhile, the work still finishes and its result is dropped: `work` owns what it touches.
  template <class Work>
  Task<std::invoke_result_t<Work>> run(Work work);

  // From any thread, without a result. False when the queue is full.
  bool post(std::function<void()> job);
  // Finishes what is queued and takes no more; its results stand in their loops then. For the end: from one
  // thread, and none of the pool's.
  void stop();
  std::size_t threads() const { return threads_.size(); }

 private:
  void run_thread(ThreadPriority priority);

  const std::string name_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

template <class Work>
Task<std::invoke_result_t<Work>> WorkerPool::run(Work work) {
  using Outcome = std::invoke_result_t<Work>;
  const auto executor = co_await boost::asio::this_coro::executor;
  auto initiate = [this, executor](auto handler, Work job) {
    // Shared, because std::function wants a copyable target and a handler moves only.
    auto shared = std::make_shared<std::pair<decltype(handler), Work>>(std::move(handler), std::move(job));
    const bool queued = post([shared, executor] {
      auto outcome = std::make_shared<Outcome>(shared->second());
      boost::asio::post(executor, [shared, outcome] { std::move(shared->first)(std::move(*outcome)); });
    });
    if (!queued) {
      boost::asio::post(executor, [shared, this] {
        std::move(shared->first)(
            Outcome(fail(Code::overloaded, "the " + name_ + " queue is full", "try again in a moment")));
      });
    }
  };
  constexpr auto token = boost::asio::use_awaitable_t<Executor>();
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(Outcome)>(
      std::move(initiate), token, std::move(work));
}

}  // namespace weir::net

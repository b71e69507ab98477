// tests/support/run_task.h: drives a coroutine to its end from a plain test, on an event loop of the
// calling thread.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/task.h"

namespace weir::test {

// One loop for each thread, kept until the thread ends: a pool's thread that has just posted a result may
// still be inside post() when the task has ended already.
inline boost::asio::io_context& task_loop() {
  thread_local boost::asio::io_context loop(1);
  loop.restart();
  return loop;
}

// The task's result; what it throws comes out here. Blocks until the task has ended.
template <class T>
T run_task(Task<T> task) {
  boost::asio::io_context& loop = task_loop();
  std::exception_ptr thrown;
  std::optional<T> result;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure, T value) {
    thrown = failure;
    result.emplace(std::move(value));
  });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  WEIR_ASSERT(result.has_value());
  return *std::move(result);
}

inline void run_task(Task<void> task) {
  boost::asio::io_context& loop = task_loop();
  std::exception_ptr thrown;
  bool ended = false;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure) {
    thrown = failure;
    ended = true;
  });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  WEIR_ASSERT(ended);
}

// Starts the task, cancels it where it first waits, calls `release` (which lets that wait end), and runs it
// to its end. True: the cancellation ended it.
template <class T, class Release>
bool cancel_task(Task<T> task, Release release) {
  boost::asio::io_context& loop = task_loop();
  boost::asio::cancellation_signal cancel;
  bool thrown = false;
  auto ended = [&thrown](std::exception_ptr failure, T) { thrown = failure != nullptr; };
  boost::asio::co_spawn(loop, std::move(task), boost::asio::bind_cancellation_slot(cancel.slot(), ended));
  loop.poll();
  cancel.emit(boost::asio::cancellation_type::terminal);
  release();
  loop.run();
  return thrown;
}

}  // namespace weir::test

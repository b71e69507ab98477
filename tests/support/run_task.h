// tests/support/run_task.h: drives a coroutine to its end from a plain test, on an event loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/task.h"

namespace weir::test {

// The task's result; what it throws comes out here. Blocks until the task has ended.
template <class T>
T run_task(Task<T> task) {
  boost::asio::io_context loop(1);
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
  boost::asio::io_context loop(1);
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

}  // namespace weir::test

// net/spawn.h: the one way to start a coroutine that nobody awaits. What it throws is logged, except
// a cancellation, which is how tasks end early.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <string_view>

#include "base/task.h"
#include "observe/log.h"

namespace weir::net {

// `work` is called once on the executor. `name` goes to the log when it throws.
void spawn(const Executor& executor, observe::Log& log, std::string_view name,
           std::function<Task<>()> work);
// The same, ended early by emitting on `signal`, which must outlive the task.
void spawn(const Executor& executor, observe::Log& log, std::string_view name,
           boost::asio::cancellation_signal& signal, std::function<Task<>()> work);

}  // namespace weir::net

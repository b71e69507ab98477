// base/task.h: the coroutine type. One connection, one thread: a Task runs on the event loop that
// spawned it and never needs a lock. The executor is typed because the polymorphic one costs more.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace weir {

using Executor = boost::asio::io_context::executor_type;

// Name every argument before co_await; no co_await in catch (CONTRIBUTING.md says why).
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace weir

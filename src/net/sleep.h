// net/sleep.h: waiting, for the few places that wait without a socket.
#pragma once

#include <chrono>

#include "base/task.h"

namespace weir::net {

// Ends at once by a throw when the task is cancelled, as every pending co_await.
Task<> sleep_for(std::chrono::nanoseconds duration);

}  // namespace weir::net

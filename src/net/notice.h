// net/notice.h: one event that a coroutine waits for, with a limit, and that any thread may tell.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/task.h"

namespace weir::net {

// Waited for on one loop, told once.
class Notice {
 public:
  static Task<Notice> here();  // on the loop of the one who asks

  // Tells it; may outlive the notice, and be called from any thread.
  std::function<void()> teller() const;
  // True as soon as it has been told; false when it was not within `limit`. Throws when the task is
  // cancelled.
  Task<bool> wait_for(std::chrono::nanoseconds limit);

 private:
  struct State;
  explicit Notice(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;  // shared with the tellers
};

}  // namespace weir::net

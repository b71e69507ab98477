// net/shared_wake.h: coroutines of several loops wait for one thing that happens on any of them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/task.h"

namespace weir::net {

// Safe to use from any thread. Whoever checks a condition under a lock enlists under the same lock, so that
// no wake_all is missed between the check and the wait.
class SharedWake {
 public:
  class Waiter;                                   // one wait of one coroutine
  static Task<std::shared_ptr<Waiter>> waiter();  // for the calling coroutine's loop
  // Until the next wake_all after enlist; throws when cancelled.
  static Task<> wait(std::shared_ptr<Waiter> waiter);

  void enlist(const std::shared_ptr<Waiter>& waiter);
  void wake_all();  // each waiter resumes on its own loop

 private:
  std::mutex mutex_;
  // A coroutine may be gone before it is woken, and its loop with it: the list must not keep either.
  std::vector<std::weak_ptr<Waiter>> waiters_;
};

}  // namespace weir::net

// net/wake.h: a flag that one coroutine waits for and callbacks of the same loop set.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include "base/task.h"

namespace weir::net {

// Not thread-safe: waiter and setter share a loop. One waiter at a time.
class Wake {
 public:
  explicit Wake(const Executor& executor) : executor_(executor) {}
  void set();     // the waiter resumes later, from the loop; kept when nobody waits
  // The same, but the waiter runs before this returns, which spares the loop a round: the last act of a
  // callback of the loop's own.
  void set_and_run();
  Task<> wait();  // returns at once when set; clears the flag. Throws when cancelled

 private:
  using Waiter = boost::asio::any_completion_handler<void(boost::system::error_code)>;
  void resume(boost::system::error_code ec);

  const Executor executor_;
  bool set_ = false;
  std::optional<Waiter> waiter_;
};

}  // namespace weir::net

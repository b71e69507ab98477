// main/cli/await.h: waits on the main thread for a coroutine that runs on a loop of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>

#include "base/task.h"
#include "net/spawn.h"
#include "observe/log.h"

namespace weir::main {

// What `work` returns; it is logged and internal when `work` throws.
template <class T>
Result<T> await(observe::Log& log, std::function<Task<Result<T>>()> work) {
  boost::asio::io_context loop(1);
  Result<T> out = fail(Code::internal, "the command ended early", "the log above says why");
  std::function<Task<>()> store = [&]() -> Task<> {
    out = co_await work();
    loop.stop();  // what else the loop would wait for (a connection kept open for a next request) ends with
                  // it
  };
  net::spawn(loop.get_executor(), log, "command", store);
  loop.run();
  return out;
}

}  // namespace weir::main

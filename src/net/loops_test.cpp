#include "net/loops.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "base/clock.h"
#include "net/sleep.h"
#include "net/spawn.h"
#include "net/worker_pool.h"

namespace weir::net {
namespace {

using namespace std::chrono_literals;

// What a frame holds of a service that lives no longer than the test's inner block.
struct Holds {
  explicit Holds(std::atomic<int>& count) : held(count) { ++held; }
  ~Holds() { --held; }
  Holds(const Holds&) = delete;
  Holds& operator=(const Holds&) = delete;
  std::atomic<int>& held;
};

Task<> sleeps(std::atomic<int>& held) {
  const Holds holds(held);
  co_await sleep_for(1h);
}

Task<> works(WorkerPool& pool, std::atomic<int>& held, std::shared_future<void> go) {
  const Holds holds(held);
  auto work = [go] {
    go.wait();
    return Result<>();
  };
  auto done = co_await pool.run(std::move(work));
  co_await sleep_for(1h);
}

TEST_CASE("what is suspended in the loops ends before what it uses") {
  SystemClock clock;
  observe::Log log({.level = observe::Level::error}, clock);
  Loops loops(2);
  WorkerPool pool("test", 1, 8);
  auto held = std::make_unique<std::atomic<int>>(0);
  std::promise<void> go;
  spawn(loops.at(0).get_executor(), log, "sleeper", [&] { return sleeps(*held); });
  const std::shared_future<void> gone = go.get_future().share();
  spawn(loops.at(0).get_executor(), log, "worker", [&] { return works(pool, *held, gone); });
  loops.start();
  while (*held < 2) std::this_thread::yield();
  loops.stop();
  loops.join();
  go.set_value();  // its result meets a loop that runs no more
  pool.stop();
  loops.clear();
  CHECK(*held == 0);
  held.reset();  // under ASan a frame that is destroyed later would show
}

}  // namespace
}  // namespace weir::net

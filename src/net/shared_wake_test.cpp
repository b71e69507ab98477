#include "net/shared_wake.h"

#include <doctest/doctest.h>

#include <atomic>

#include <boost/asio/co_spawn.hpp>

#include "net/loops.h"
#include "run_task.h"

namespace weir::net {
namespace {

Task<> wait_once(SharedWake& wake, std::atomic<int>& enlisted, std::atomic<int>& woken) {
  auto waiter = co_await SharedWake::waiter();
  wake.enlist(waiter);
  ++enlisted;
  enlisted.notify_all();
  co_await SharedWake::wait(std::move(waiter));
  ++woken;
  woken.notify_all();
}

void wait_for(std::atomic<int>& counter, int wanted) {
  for (int seen = counter; seen != wanted; seen = counter) counter.wait(seen);
}

}  // namespace

TEST_CASE("shared wake: wakes the waiters of every loop, each once") {
  SharedWake wake;
  std::atomic<int> enlisted = 0;
  std::atomic<int> woken = 0;
  Loops loops(3);
  loops.start();
  for (std::size_t i = 0; i < 9; ++i) {
    boost::asio::co_spawn(loops.at(i % 3), wait_once(wake, enlisted, woken), [](std::exception_ptr) {});
  }
  wait_for(enlisted, 9);
  CHECK(woken == 0);
  wake.wake_all();
  wait_for(woken, 9);
  wake.wake_all();  // nobody waits
  CHECK(woken == 9);
}

TEST_CASE("shared wake: a waiter that is gone is not woken") {
  SharedWake wake;
  std::atomic<int> enlisted = 0;
  std::atomic<int> woken = 0;
  {
    boost::asio::io_context loop(1);
    boost::asio::co_spawn(loop, wait_once(wake, enlisted, woken), [](std::exception_ptr) {});
    loop.poll();
    CHECK(enlisted == 1);
  }  // the coroutine goes with its loop
  wake.wake_all();
  CHECK(woken == 0);
}

}  // namespace weir::net

// net/loops.h: one event loop per core, and nothing shared between them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace weir::net {

// Owns the io_contexts (each with concurrency hint 1) and the threads that run them.
class Loops {
 public:
  explicit Loops(std::size_t count);  // count ≥ 1
  ~Loops();                           // stops and joins
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  std::size_t size() const { return loops_.size(); }
  boost::asio::io_context& at(std::size_t index);

  void start();  // one thread for each loop
  void stop();   // abandons what still runs; drain first
  void join();
  // Destroys what is suspended in the loops, after join() and when no pool posts to them any more: its
  // destructors use services that may not outlive the loops. Sockets and timers may be destroyed afterwards.
  void clear();

 private:
  class Loop;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<boost::asio::executor_work_guard<Executor>> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace weir::net

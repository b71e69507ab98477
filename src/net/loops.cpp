#include "net/loops.h"

#include "base/error.h"

namespace weir::net {

class Loops::Loop : public boost::asio::io_context {
 public:
  Loop() : io_context(1) {}
  using io_context::shutdown;  // destroys what waits in the services, and keeps the services
};

Loops::Loops(std::size_t count) {
  WEIR_ASSERT(count >= 1);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<Loop>());
    guards_.emplace_back(loops_.back()->get_executor());
  }
}

Loops::~Loops() {
  stop();
  join();
}

boost::asio::io_context& Loops::at(std::size_t index) {
  return *loops_[index];
}

void Loops::start() {
  for (auto& loop : loops_) {
    threads_.emplace_back([&context = *loop] { context.run(); });
  }
}

void Loops::stop() {
  for (auto& loop : loops_) loop->stop();
}

void Loops::join() {
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  threads_.clear();
}

void Loops::clear() {
  WEIR_ASSERT(threads_.empty());
  // Twice, because what is destroyed in one loop may hand its end to another.
  for (int round = 0; round < 2; ++round) {
    for (auto& loop : loops_) loop->shutdown();
  }
}

}  // namespace weir::net

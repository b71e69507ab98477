#include "net/loops.h"

#include "base/error.h"

namespace weir::net {

Loops::Loops(std::size_t count) {
  WEIR_ASSERT(count >= 1);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<boost::asio::io_context>(1));
    guards_.emplace_back(loops_.back()->get_executor());
  }
}

Loops::~Loops() {
  stop();
  join();
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

}  // namespace weir::net

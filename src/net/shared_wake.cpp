#include "net/shared_wake.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

namespace weir::net {

namespace asio = boost::asio;

// Waits on a timer that never fires, because the loop owns what waits on a timer: when the loop goes, the
// coroutine goes, and with it this. Touched on its own loop only.
class SharedWake::Waiter {
 public:
  explicit Waiter(const Executor& executor) : timer_(executor, Timer::time_point::max()) {}

  Executor executor() { return timer_.get_executor(); }
  void wake() {
    woken_ = true;
    timer_.cancel();
  }
  Task<> wait() {
    if (woken_) co_return;
    boost::system::error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable_t<Executor>(), ec);
    co_await timer_.async_wait(token);
    if (!woken_) throw boost::system::system_error(asio::error::operation_aborted);
  }

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  Timer timer_;
  bool woken_ = false;
};

Task<std::shared_ptr<SharedWake::Waiter>> SharedWake::waiter() {
  const Executor executor = co_await asio::this_coro::executor;
  co_return std::make_shared<Waiter>(executor);
}

Task<> SharedWake::wait(std::shared_ptr<Waiter> waiter) {
  co_await waiter->wait();
}

void SharedWake::enlist(const std::shared_ptr<Waiter>& waiter) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(waiters_, [](const std::weak_ptr<Waiter>& known) { return known.expired(); });
  waiters_.push_back(waiter);
}

void SharedWake::wake_all() {
  std::vector<std::weak_ptr<Waiter>> woken;
  {
    const std::scoped_lock lock(mutex_);
    woken.swap(waiters_);
  }
  for (const std::weak_ptr<Waiter>& known : woken) {
    if (auto waiter = known.lock()) {
      const Executor executor = waiter->executor();
      // Handed over whole: the last reference must fall on the loop of the timer.
      asio::post(executor, [waiter = std::move(waiter)] { waiter->wake(); });
    }
  }
}

}  // namespace weir::net

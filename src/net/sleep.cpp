#include "net/sleep.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace weir::net {

Task<> sleep_for(std::chrono::nanoseconds duration) {
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  const Executor executor = co_await boost::asio::this_coro::executor;
  Timer timer(executor, std::chrono::duration_cast<Timer::duration>(duration));
  constexpr boost::asio::use_awaitable_t<Executor> use_awaitable;
  co_await timer.async_wait(use_awaitable);
}

}  // namespace weir::net

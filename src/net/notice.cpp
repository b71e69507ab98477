#include "net/notice.h"

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace weir::net {

namespace asio = boost::asio;

struct Notice::State {
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  explicit State(const Executor& executor) : timer(executor) {}
  Timer timer;
  std::atomic<bool> told{false};
};

Task<Notice> Notice::here() {
  const Executor executor = co_await asio::this_coro::executor;
  co_return Notice(std::make_shared<State>(executor));
}

std::function<void()> Notice::teller() const {
  return [state = state_] {
    state->told.store(true);
    // The timer is the loop's own; a wait that begins later sees the flag.
    asio::post(state->timer.get_executor(), [state] { state->timer.cancel(); });
  };
}

Task<bool> Notice::wait_for(std::chrono::nanoseconds limit) {
  const auto state = state_;
  if (state->told.load()) co_return true;
  state->timer.expires_after(std::chrono::duration_cast<State::Timer::duration>(limit));
  boost::system::error_code ended;
  auto token = asio::redirect_error(asio::use_awaitable_t<Executor>(), ended);
  co_await state->timer.async_wait(token);
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return state->told.load();
}

}  // namespace weir::net

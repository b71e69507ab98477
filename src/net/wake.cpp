#include "net/wake.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace weir::net {

namespace asio = boost::asio;
using boost::system::error_code;

void Wake::set() {
  set_ = true;
  resume({});
}

void Wake::set_and_run() {
  set_ = true;
  if (!waiter_) return;
  Waiter waiter = std::move(*waiter_);
  waiter_.reset();
  std::move(waiter)(error_code());
}

void Wake::resume(error_code ec) {
  if (!waiter_) return;
  Waiter waiter = std::move(*waiter_);
  waiter_.reset();
  asio::post(executor_, [waiter = std::move(waiter), ec]() mutable { std::move(waiter)(ec); });
}

Task<> Wake::wait() {
  while (!set_) {
    auto initiate = [this](auto handler) {
      // The slot is taken before the handler is wrapped: wrapping re-assigns it.
      auto slot = asio::get_associated_cancellation_slot(handler);
      waiter_.emplace(std::move(handler));
      if (slot.is_connected()) {
        slot.assign([this](asio::cancellation_type) { resume(asio::error::operation_aborted); });
      }
    };
    constexpr auto token = asio::use_awaitable_t<Executor>();
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(error_code)>(
        std::move(initiate), token);
  }
  set_ = false;
}

}  // namespace weir::net

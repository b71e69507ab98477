#include "net/spawn.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace weir::net {
namespace {

// The completion handler of every spawned task.
struct LogFailure {
  observe::Log* log;
  std::string name;

  void operator()(const std::exception_ptr& failure) const {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() == boost::asio::error::operation_aborted) return;
      log->error("a task ended by an exception", {{"task", name}, {"error", error.what()}});
    } catch (const std::exception& error) {
      log->error("a task ended by an exception", {{"task", name}, {"error", error.what()}});
    }
  }
};

}  // namespace

void spawn(const Executor& executor, observe::Log& log, std::string_view name,
           std::function<Task<>()> work) {
  boost::asio::co_spawn(executor, std::move(work), LogFailure{&log, std::string(name)});
}

void spawn(const Executor& executor, observe::Log& log, std::string_view name,
           boost::asio::cancellation_signal& signal, std::function<Task<>()> work) {
  boost::asio::co_spawn(
      executor, std::move(work),
      boost::asio::bind_cancellation_slot(signal.slot(), LogFailure{&log, std::string(name)}));
}

}  // namespace weir::net

#include "net/client/resolver.h"

#include <netdb.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/deadline.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

Result<Endpoints> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0) {
    return fail(Code::upstream_failed, "cannot resolve " + host + ": " + ::gai_strerror(error),
                "check the name and the machine's DNS");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  Endpoints endpoints;
  for (const addrinfo* a = list; a != nullptr && endpoints.size() < kAddressesMax; a = a->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (a->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), a->ai_addr, a->ai_addrlen);
    endpoint.resize(a->ai_addrlen);
    endpoint.port(port);
    endpoints.push_back(endpoint);
  }
  if (endpoints.empty()) return fail(Code::upstream_failed, host + " has no address");
  return endpoints;
}

// Shared between the waiting coroutine, which may leave first, and the job.
struct Lookup {
  explicit Lookup(const Executor& executor) : done(executor) { done.expires_at(Timer::time_point::max()); }
  Timer done;  // cancelled when the outcome is there, or the time is up
  std::optional<Result<Endpoints>> outcome;
};

}  // namespace

Task<Result<Endpoints>> resolve(std::string host, std::uint16_t port, WorkerPool& pool,
                                std::chrono::nanoseconds limit) {
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (!ec) co_return Endpoints{{address, port}};

  const Executor executor = co_await asio::this_coro::executor;
  auto lookup = std::make_shared<Lookup>(executor);
  // The job hands its share on, so that the timer never dies on the pool's thread.
  const bool queued = pool.post([shared = lookup, executor, host, port]() mutable {
    auto outcome = std::make_shared<Result<Endpoints>>(look_up(host, port));
    asio::post(executor, [shared = std::move(shared), outcome] {
      shared->outcome = std::move(*outcome);
      shared->done.cancel();
    });
  });
  if (!queued) co_return fail(Code::overloaded, "too many host names wait for DNS", "try again in a moment");

  Deadline deadline(DeadlineList::of(executor.context()), [lookup] { lookup->done.cancel(); });
  deadline.arm(limit);
  constexpr auto token = asio::as_tuple(asio::use_awaitable_t<Executor>());
  co_await lookup->done.async_wait(token);
  std::optional<Result<Endpoints>>& outcome = lookup->outcome;
  if (outcome) co_return *std::move(outcome);
  if (deadline.fired()) co_return fail(Code::timed_out, "resolving " + host + " took too long");
  co_return fail(Code::cancelled, "the call was cancelled");
}

}  // namespace weir::net

#include "net/client.h"

#include <boost/asio/this_coro.hpp>

#include "net/client/exchange.h"
#include "net/client/request_head.h"

namespace weir::net {

class Client::Impl {
 public:
  Impl(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics)
      : config_(std::move(config)),
        workers_(dns_pool),
        log_(log),
        connections_opened_(metrics.counter("weir_client_connections_opened_total", "Connections opened to providers.")),
        connections_reused_(metrics.counter("weir_client_connections_reused_total",
                                            "Requests sent on a connection that an earlier request had opened.")),
        requests_resent_(metrics.counter("weir_client_requests_resent_total",
                                         "Requests sent again because a reused connection had died.")),
        tls_(std::make_shared<TlsContext>(config_.ca_file)) {}

  Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request, ClientTimeouts timeouts);

 private:
  Task<Result<std::unique_ptr<Connection>>> open(const Executor& executor, const Origin& origin, OriginPool& pool,
                                                 std::chrono::nanoseconds limit);
  Task<Result<>> connect(Connection& connection, const Origin& origin, OriginPool& pool, std::chrono::nanoseconds limit);

  const ClientConfig config_;
  WorkerPool& workers_;
  observe::Log& log_;
  observe::Counter& connections_opened_;
  observe::Counter& connections_reused_;
  observe::Counter& requests_resent_;
  const std::shared_ptr<TlsContext> tls_;  // shared with the loops' pools
};

Task<Result<std::unique_ptr<ClientResponse>>> Client::Impl::send(const Origin& origin, ClientRequest request,
                                                                 ClientTimeouts timeouts) {
  const auto head = request_head(origin, request);
  if (!head) co_return fail(head.error());
  const Executor executor = co_await boost::asio::this_coro::executor;
  LoopPools& pools = LoopPools::of(executor.context());
  OriginPool& pool = pools.origin(tls_, origin);
  pools.close_idle_after(config_.idle_connection_max);

  auto connection = pool.take(config_.idle_connection_max);
  bool reused = connection != nullptr;
  while (true) {
    if (reused) {
      connections_reused_.add();
    } else {
      auto opened = co_await open(executor, origin, pool, timeouts.connect);
      if (!opened) co_return fail(opened);
      connection = std::move(*opened);
    }
    auto exchange = std::make_unique<Exchange>(std::move(connection), pool, config_, timeouts.idle, request.method == "HEAD");
    auto started = co_await exchange->start(*head, request.body, timeouts.first_byte);
    if (started) co_return exchange;
    if (!reused || exchange->answer_begun() || started.error().code != Code::upstream_failed) {
      started.error().message = origin.to_string() + ": " + started.error().message;
      co_return fail(started);
    }
    requests_resent_.add();
    log_.debug("a reused connection had died; the request is sent again",
               {{"server.address", origin.host}, {"error", started.error().message}});
    reused = false;
  }
}

Task<Result<std::unique_ptr<Connection>>> Client::Impl::open(const Executor& executor, const Origin& origin,
                                                             OriginPool& pool, std::chrono::nanoseconds limit) {
  auto connection = std::make_unique<Connection>(executor);
  auto connected = co_await connect(*connection, origin, pool, limit);
  if (!connected) {
    connected.error().message = origin.to_string() + ": " + connected.error().message;
    co_return fail(connected);
  }
  connections_opened_.add();
  co_return connection;
}

Task<Result<>> Client::Impl::connect(Connection& connection, const Origin& origin, OriginPool& pool,
                                     std::chrono::nanoseconds limit) {
  const Monotonic end = connection.now() + limit;
  if (pool.addresses.empty() || connection.now() - pool.resolved_at >= config_.addresses_max_age) {
    auto resolved = co_await resolve(origin.host, origin.port, workers_, limit);
    if (!resolved) co_return fail(resolved);
    pool.addresses = *std::move(resolved);
    pool.resolved_at = connection.now();
  }
  const Endpoints addresses = pool.addresses;  // another call may resolve again meanwhile
  auto connected = co_await connection.connect(addresses, end - connection.now());
  if (!connected) {
    pool.addresses.clear();
    co_return fail(connected);
  }
  if (!origin.tls) co_return Result<>();
  if (!tls_->loaded()) {
    auto load = [context = tls_] { return context->load(); };
    auto loaded = co_await workers_.run(std::move(load));
    if (!loaded) co_return fail(loaded);
  }
  co_return co_await connection.start_tls(*tls_, origin.host, pool.session, end - connection.now());
}

Client::Client(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(config), dns_pool, log, metrics)) {}

Client::~Client() = default;

Task<Result<std::unique_ptr<ClientResponse>>> Client::send(const Origin& origin, ClientRequest request,
                                                           ClientTimeouts timeouts) {
  return impl_->send(origin, std::move(request), timeouts);
}

}  // namespace weir::net

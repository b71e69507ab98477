#include "net/client.h"

#include <boost/asio/this_coro.hpp>

#include "net/client/exchange.h"
#include "net/client/request_head.h"
#include "net/client/shared_exchange.h"
#include "net/guarded_client.h"

namespace weir::net {

// What a Client does, and a guarded one with it.
class Sender {
 public:
  Sender(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics,
         MayConnect may_connect = {})
      : config_(std::move(config)),
        may_connect_(std::move(may_connect)),
        workers_(dns_pool),
        log_(log),
        connections_opened_(
            metrics.counter("weir_client_connections_opened_total", "Connections opened to providers.")),
        connections_reused_(
            metrics.counter("weir_client_connections_reused_total",
                            "Requests sent on a connection that an earlier request had opened.")),
        requests_resent_(metrics.counter("weir_client_requests_resent_total",
                                         "Requests sent again because a reused connection had died.")),
        tls_(std::make_shared<TlsContext>(config_.ca_file, config_.http2)) {}

  Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request,
                                                     ClientTimeouts timeouts);

 private:
  // What a call goes over: one of the two, or neither while none is there.
  struct Way {
    std::shared_ptr<SharedConnection> shared;
    std::unique_ptr<Connection> own;
    bool reused = false;  // an earlier call has opened it
    std::chrono::nanoseconds opened_in{};
  };
  using Sent = Result<std::unique_ptr<ClientResponse>>;

  Way take(OriginPool& pool) const;
  Task<Result<Way>> open_way(const Executor& executor, const Origin& origin, OriginPool& pool,
                             std::chrono::nanoseconds limit);
  Result<Way> way_over(std::unique_ptr<Connection> connection, const Executor& executor, OriginPool& pool);
  // `head` is for HTTP/1.1. `again`: whether the request may be sent once more.
  Task<Sent> exchange(Way way, const Origin& origin, OriginPool& pool, const ClientRequest& request,
                      const std::string& head, const ClientTimeouts& timeouts, bool& again);
  Task<Result<std::unique_ptr<Connection>>> open(const Executor& executor, const Origin& origin,
                                                 OriginPool& pool, std::chrono::nanoseconds limit);
  Task<Result<>> connect(Connection& connection, const Origin& origin, OriginPool& pool,
                         std::chrono::nanoseconds limit);
  Result<Endpoints> allowed_addresses(const Origin& origin, Endpoints addresses) const;

  const ClientConfig config_;
  const MayConnect may_connect_;  // empty: every address
  WorkerPool& workers_;
  observe::Log& log_;
  observe::Counter& connections_opened_;
  observe::Counter& connections_reused_;
  observe::Counter& requests_resent_;
  const std::shared_ptr<TlsContext> tls_;  // shared with the loops' pools
};

Task<Sender::Sent> Sender::send(const Origin& origin, ClientRequest request, ClientTimeouts timeouts) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  LoopPools& pools = LoopPools::of(executor.context());
  OriginPool& pool = pools.origin(tls_, origin);
  pools.close_idle_after(config_.idle_connection_max);

  Way way = take(pool);
  Result<std::string> head;  // of HTTP/1.1
  if (!way.shared) head = request_head(origin, request);
  if (!head) co_return fail(head);
  bool again = false;  // this is the second time
  while (true) {
    if (!way.reused) {
      const DeadlineList& clock = DeadlineList::of(executor.context());
      const Monotonic began_at = clock.now();
      auto opened = co_await open_way(executor, origin, pool, timeouts.connect);
      if (!opened) co_return fail(opened);
      way = *std::move(opened);
      way.opened_in = clock.now() - began_at;
    }
    if (way.reused) connections_reused_.add();
    bool may_be_sent_again = false;
    auto sent = co_await exchange(std::move(way), origin, pool, request, *head, timeouts, may_be_sent_again);
    if (sent) co_return sent;
    if (again || !may_be_sent_again || sent.error().code != Code::upstream_failed) {
      if (sent.error().code == Code::upstream_failed || sent.error().code == Code::timed_out) {
        sent.error().message = origin.to_string() + ": " + sent.error().message;
      }
      co_return fail(sent);
    }
    requests_resent_.add();
    log_.debug("a connection had died, or took no more requests; the request is sent again",
               {{"server.address", origin.host}, {"error", sent.error().message}});
    again = true;
    way = Way();
    if (head->empty()) head = request_head(origin, request);
    if (!head) co_return fail(head);
  }
}

Sender::Way Sender::take(OriginPool& pool) const {
  Way way;
  way.shared = pool.shared();
  if (!way.shared) way.own = pool.take(config_.idle_connection_max);
  way.reused = way.shared || way.own;
  return way;
}

Task<Result<Sender::Way>> Sender::open_way(const Executor& executor, const Origin& origin, OriginPool& pool,
                                           std::chrono::nanoseconds limit) {
  std::optional<OriginPool::Opening> opening;
  if (origin.tls && config_.http2 && pool.speaks != HttpVersion::http11) {
    const DeadlineList& clock = DeadlineList::of(executor.context());
    const Monotonic end = clock.now() + limit;
    while (pool.opening()) {
      const auto left = end - clock.now();
      auto waited = co_await pool.wait_for_opening(executor, left);
      if (!waited) {
        waited.error().message = origin.to_string() + ": " + waited.error().message;
        co_return fail(waited);
      }
      if (pool.speaks == HttpVersion::http11) break;
      Way way = take(pool);
      if (way.reused) co_return way;
    }
    limit = end - clock.now();
    if (pool.speaks != HttpVersion::http11) opening.emplace(pool);
  }
  auto opened = co_await open(executor, origin, pool, limit);
  if (!opened) co_return fail(opened);
  co_return way_over(*std::move(opened), executor, pool);
}

Result<Sender::Way> Sender::way_over(std::unique_ptr<Connection> connection, const Executor& executor,
                                     OriginPool& pool) {
  Way way;
  if (connection->alpn() == "h2") {
    pool.speaks = HttpVersion::http2;
    way.shared = std::make_shared<SharedConnection>(std::move(connection), executor, config_);
    way.shared->begin(log_);
    pool.add_shared(way.shared);
  } else {
    pool.speaks = HttpVersion::http11;
    way.own = std::move(connection);
  }
  return way;
}

Task<Sender::Sent> Sender::exchange(Way way, const Origin& origin, OriginPool& pool,
                                    const ClientRequest& request, const std::string& head,
                                    const ClientTimeouts& timeouts, bool& again) {
  if (way.shared) {
    const auto fields = request_fields(origin, request);
    if (!fields) co_return fail(fields.error());
    auto shared = std::make_unique<SharedExchange>(std::move(way.shared), timeouts.idle);
    shared->opened_in(way.opened_in);
    Result<> started;
    if (request.source != nullptr) {
      started = co_await shared->start_upload(*fields, *request.source, timeouts);
    } else {
      started = co_await shared->start(*fields, request.body, timeouts.first_byte);
      again = !started && shared->may_be_sent_again(way.reused);
    }
    if (started) co_return shared;
    co_return fail(started);
  }
  auto own =
      std::make_unique<Exchange>(std::move(way.own), pool, config_, timeouts.idle, request.method == "HEAD");
  own->opened_in(way.opened_in);
  Result<> started;
  if (request.source != nullptr) {
    started = co_await own->start_upload(head, *request.source, request.source_size, timeouts);
  } else {
    started = co_await own->start(head, request.body, timeouts.first_byte);
    again = !started && way.reused && !own->answer_begun();
  }
  if (started) co_return own;
  co_return fail(started);
}

Task<Result<std::unique_ptr<Connection>>> Sender::open(const Executor& executor, const Origin& origin,
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

Result<Endpoints> Sender::allowed_addresses(const Origin& origin, Endpoints addresses) const {
  if (!may_connect_) return addresses;
  std::erase_if(addresses, [&](const boost::asio::ip::tcp::endpoint& endpoint) {
    const auto address = IpAddress::parse(endpoint.address().to_string());
    return !address || !may_connect_(origin, *address);
  });
  if (!addresses.empty()) return addresses;
  return fail(Code::invalid_request, origin.host + " has no address that may be connected to",
              "only public addresses may be, and those that the configuration allows");
}

Task<Result<>> Sender::connect(Connection& connection, const Origin& origin, OriginPool& pool,
                               std::chrono::nanoseconds limit) {
  const Monotonic end = connection.now() + limit;
  if (pool.addresses.empty() || connection.now() - pool.resolved_at >= config_.addresses_max_age) {
    auto resolved = co_await resolve(origin.host, origin.port, workers_, limit);
    if (!resolved) co_return fail(resolved);
    auto allowed = allowed_addresses(origin, *std::move(resolved));
    if (!allowed) co_return fail(allowed);
    pool.addresses = *std::move(allowed);
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

class Client::Impl : public Sender {
 public:
  using Sender::Sender;
};

Client::Client(ClientConfig config, WorkerPool& dns_pool, observe::Log& log, observe::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(config), dns_pool, log, metrics)) {}

Client::~Client() = default;

Task<Result<std::unique_ptr<ClientResponse>>> Client::send(const Origin& origin, ClientRequest request,
                                                           ClientTimeouts timeouts) {
  return impl_->send(origin, std::move(request), timeouts);
}

std::unique_ptr<HttpClient> guarded_client(ClientConfig config, MayConnect may_connect, WorkerPool& dns_pool,
                                           observe::Log& log, observe::Metrics& metrics) {
  class Guarded final : public HttpClient {
   public:
    Guarded(ClientConfig config, MayConnect may_connect, WorkerPool& dns_pool, observe::Log& log,
            observe::Metrics& metrics)
        : sender_(std::move(config), dns_pool, log, metrics, std::move(may_connect)) {}
    Task<Result<std::unique_ptr<ClientResponse>>> send(const Origin& origin, ClientRequest request,
                                                       ClientTimeouts timeouts) override {
      return sender_.send(origin, std::move(request), timeouts);
    }

   private:
    Sender sender_;
  };
  return std::make_unique<Guarded>(std::move(config), std::move(may_connect), dns_pool, log, metrics);
}

}  // namespace weir::net

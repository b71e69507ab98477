#include "net/server.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <future>

#include "net/connection_context.h"
#include "net/http1/connection.h"
#include "net/http2/connection.h"
#include "net/spawn.h"
#include "net/tls/certificate_watch.h"
#include "net/tls/server_context.h"
#include "net/tls/transport.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr ServeHttp2 kServeHttp2 = &http2::serve;
constexpr int kListenQueue = 4'096;
constexpr std::chrono::milliseconds kAcceptPause{100};   // after an error such as EMFILE
constexpr std::chrono::milliseconds kCutTimeout{5'000};  // for cut connections to unwind

// What the threads of a server share. Held also by its connections, which may end a little later than
// the Server does when the loops are stopped without a drain.
struct Shared {
  Shared(ServerConfig server_config, Handler request_handler, const Clock& server_clock,
         observe::Log& server_log, observe::Metrics& server_metrics)
      : config(std::move(server_config)),
        handler(std::move(request_handler)),
        clock(server_clock),
        log(server_log),
        metrics(server_metrics),
        gate(config.connections_max),
        open(metrics.gauge("weir_connections", "Open client connections.")),
        accepted(metrics.counter("weir_connections_total", "Client connections accepted.")) {}

  const ServerConfig config;
  const Handler handler;
  const Clock& clock;
  observe::Log& log;
  observe::Metrics& metrics;
  Gate gate;
  observe::Gauge& open;
  observe::Counter& accepted;
  std::shared_ptr<tls::ServerContext> tls;  // shared with CertificateWatch; null: clear text
};

IpAddress address_of(const tcp::endpoint& endpoint) {
  const asio::ip::address address = endpoint.address();
  if (address.is_v4()) return IpAddress::from_v4(address.to_v4().to_uint());
  return IpAddress::from_v6(address.to_v6().to_bytes());
}

// One event loop's part of a server: its acceptor and its connections. Shared with the operations under
// way on it.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<Shared> shared, asio::io_context& loop)
      : shared_(std::move(shared)),
        context_{shared_->config,  shared_->handler, shared_->clock, shared_->log,
                 shared_->metrics, shared_->gate,    live_,          loop,
                 kServeHttp2},
        acceptor_(loop),
        pause_(loop) {}

  // Port 0 is replaced by the one that the kernel chooses.
  Result<> bind(tcp::endpoint& endpoint);
  void accept();
  void drain();
  void cut() { live_->cut_all(); }
  void close();
  asio::io_context& loop() { return context_.loop; }

 private:
  void on_accept(const error_code& ec, TcpSocket socket);
  void serve(TcpSocket socket);
  static Task<> serve_connection(std::shared_ptr<Listener> self, std::shared_ptr<Transport> transport,
                                 asio::cancellation_signal& cancel);

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<LiveConnections> live_ = std::make_shared<LiveConnections>();
  ConnectionContext context_;
  Acceptor acceptor_;
  asio::steady_timer pause_;
};

std::unexpected<Error> cannot_listen(const tcp::endpoint& endpoint, const error_code& ec) {
  return fail(Code::invalid_request,
              "cannot listen on " + address_of(endpoint).to_string() + " port " +
                  std::to_string(endpoint.port()) + ": " + ec.message(),
              "choose another address or port");
}

// The loops share their port (SO_REUSEPORT), and would share it with another process as well, each
// getting some of the connections. A socket that does not share finds out whether it is taken.
Result<> check_free(asio::io_context& loop, const tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return {};
  error_code ec;
  Acceptor probe(loop);
  probe.open(endpoint.protocol(), ec);
  if (!ec) probe.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) probe.bind(endpoint, ec);
  if (ec) return cannot_listen(endpoint, ec);
  return {};
}

Result<> Listener::bind(tcp::endpoint& endpoint) {
  error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  if (!ec) acceptor_.set_option(ReusePort(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(kListenQueue, ec);
  if (ec) return cannot_listen(endpoint, ec);
  endpoint.port(acceptor_.local_endpoint(ec).port());
  return {};
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& ec, TcpSocket socket) {
    self->on_accept(ec, std::move(socket));
  });
}

void Listener::on_accept(const error_code& ec, TcpSocket socket) {
  if (!acceptor_.is_open()) return;
  if (!ec) {
    serve(std::move(socket));
    accept();
    return;
  }
  if (ec == asio::error::connection_aborted) {
    accept();
    return;
  }
  // Out of descriptors or memory: trying again at once would only spin.
  shared_->log.warn("cannot accept a connection", {{"error", ec.message()}});
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([self = shared_from_this()](const error_code& stopped) {
    if (!stopped && self->acceptor_.is_open()) self->accept();
  });
}

// Counts one connection while it lives.
class ConnectionPass {
 public:
  explicit ConnectionPass(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    shared_->open.add(1);
  }
  ~ConnectionPass() {
    shared_->open.add(-1);
    shared_->gate.leave_connection();
  }
  ConnectionPass(const ConnectionPass&) = delete;
  ConnectionPass& operator=(const ConnectionPass&) = delete;

 private:
  std::shared_ptr<Shared> shared_;
};

void Listener::serve(TcpSocket socket) {
  shared_->accepted.add();
  if (!shared_->gate.enter_connection()) {
    count_refused(context_, "connections_max");
    return;
  }
  auto pass = std::make_shared<ConnectionPass>(shared_);
  error_code ec;
  const tcp::endpoint endpoint = socket.remote_endpoint(ec);
  if (ec) return;
  const IpAddress peer = address_of(endpoint);
  const auto write_timeout = shared_->config.write_timeout;
  std::shared_ptr<Transport> transport =
      shared_->tls ? tls::make_transport(std::move(socket), peer, write_timeout, *shared_->tls)
                   : make_tcp_transport(std::move(socket), peer, write_timeout);
  if (!transport) return;
  auto cancel = std::make_shared<asio::cancellation_signal>();  // outlives the task: the closure holds it
  spawn(context_.loop.get_executor(), shared_->log, "connection", *cancel,
        [self = shared_from_this(), transport, cancel, pass] {
          return serve_connection(self, transport, *cancel);
        });
}

// A connection before its protocol is known: in the TLS handshake.
class Handshake final : public LiveConnection {
 public:
  Handshake(Transport& transport, const ConnectionContext& context)
      : LiveConnection(context.live),
        transport_(transport),
        deadline_(DeadlineList::of(context.loop), [this] { cut(); }) {
    deadline_.arm(context.config.head_timeout);
  }
  void drain() override {}
  void cut() override { transport_.close(); }

 private:
  Transport& transport_;
  Deadline deadline_;
};

Task<> Listener::serve_connection(std::shared_ptr<Listener> self, std::shared_ptr<Transport> transport,
                                  asio::cancellation_signal& cancel) {
  const ConnectionContext& context = self->context_;
  if (transport->secure()) {
    const Handshake handshake(*transport, context);
    auto done = co_await transport->handshake();
    if (!done) {
      count_refused(context, "tls_handshake");
      co_return;
    }
  }
  std::string already_read;
  bool http2 = transport->alpn() == "h2";
  if (!http2) {
    const auto connection = std::make_shared<http1::Connection>(transport, context, cancel);
    http2 = co_await connection->run();
    if (http2) already_read = connection->take_bytes();
  }
  if (http2) co_await context.serve_http2(transport, std::move(already_read), context);
}

void Listener::drain() {
  // What the kernel has accepted for us would be reset by closing the acceptor (SO_REUSEPORT), so it is
  // taken first; those connections are served with `Connection: close`.
  error_code ec;
  acceptor_.non_blocking(true, ec);
  while (!ec) {
    TcpSocket socket(context_.loop);
    acceptor_.accept(socket, ec);
    if (!ec) serve(std::move(socket));
  }
  close();
  live_->drain_all();
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerConfig config, Loops& loops, Handler handler, const Clock& clock, observe::Log& log,
       observe::Metrics& metrics)
      : shared_(std::make_shared<Shared>(std::move(config), std::move(handler), clock, log, metrics)),
        loops_(loops) {}
  ~Impl() { stop(std::chrono::milliseconds(0)); }

  Result<> start();
  std::size_t stop(std::chrono::nanoseconds patience);
  Result<> reload_tls();
  std::chrono::nanoseconds drain_timeout() const { return shared_->config.drain_timeout; }
  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return shared_->gate.connections(); }

 private:
  // Runs `act` on each loop; the future becomes ready when all have done so.
  std::future<void> each_loop(void (Listener::*act)());
  bool loops_run() const;

  std::shared_ptr<Shared> shared_;
  Loops& loops_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::shared_ptr<tls::CertificateWatch> certificate_watch_;  // shared with its timer
  std::uint16_t port_ = 0;
};

Result<> Server::Impl::start() {
  const ServerConfig& config = shared_->config;
  auto checked = config.check();
  if (!checked) return checked;
  if (!config.tls_certificate_file.empty()) {
    // OpenSSL writes to sockets without MSG_NOSIGNAL: a peer's reset must not end the process.
    std::signal(SIGPIPE, SIG_IGN);
    auto loaded =
        tls::ServerContext::load(config.tls_certificate_file, config.tls_key_file, kServeHttp2 != nullptr);
    if (!loaded) return fail(loaded);
    shared_->tls = std::move(*loaded);
  }
  error_code ec;
  tcp::endpoint endpoint(asio::ip::make_address(config.address, ec), config.port);
  auto free = check_free(loops_.at(0), endpoint);
  if (!free) return free;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    listeners_.push_back(std::make_shared<Listener>(shared_, loops_.at(i)));
    auto bound = listeners_.back()->bind(endpoint);
    if (!bound) {
      listeners_.clear();
      return bound;
    }
  }
  port_ = endpoint.port();
  each_loop(&Listener::accept);
  if (shared_->tls) {
    certificate_watch_ = std::make_shared<tls::CertificateWatch>(shared_->tls, loops_.at(0), shared_->log);
    certificate_watch_->start();
  }
  return {};
}

std::future<void> Server::Impl::each_loop(void (Listener::*act)()) {
  // Shared by the posted calls: destroying the last of them makes the future ready.
  auto all_done = std::make_shared<std::promise<void>>();
  std::future<void> done = all_done->get_future();
  for (const auto& listener : listeners_) {
    asio::post(listener->loop(), [listener, act, all_done] { ((*listener).*act)(); });
  }
  return done;
}

bool Server::Impl::loops_run() const {
  return !listeners_.empty() && !listeners_.front()->loop().stopped();
}

std::size_t Server::Impl::stop(std::chrono::nanoseconds patience) {
  if (!loops_run()) return 0;
  shared_->gate.start_draining();
  each_loop(&Listener::drain).wait_for(kCutTimeout);
  std::size_t left = 0;
  if (!shared_->gate.wait_empty(patience)) {
    left = shared_->gate.requests();
    each_loop(&Listener::cut).wait_for(kCutTimeout);
    shared_->gate.wait_empty(kCutTimeout);
  }
  if (certificate_watch_) certificate_watch_->stop();
  listeners_.clear();
  return left;
}

Result<> Server::Impl::reload_tls() {
  if (!shared_->tls) return {};
  return shared_->tls->reload();
}

Server::Server(ServerConfig config, Loops& loops, Handler handler, const Clock& clock, observe::Log& log,
               observe::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(config), loops, std::move(handler), clock, log, metrics)) {}

Server::~Server() = default;

Result<> Server::start() {
  return impl_->start();
}
std::uint16_t Server::port() const {
  return impl_->port();
}
Result<> Server::reload_tls() {
  return impl_->reload_tls();
}
std::size_t Server::drain() {
  return impl_->stop(impl_->drain_timeout());
}
std::size_t Server::connections() const {
  return impl_->connections();
}

}  // namespace weir::net

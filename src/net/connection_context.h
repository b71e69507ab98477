// net/connection_context.h: what a connection needs from its server, the same for HTTP/1.1 and HTTP/2.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "net/http.h"
#include "net/server.h"
#include "net/transport.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::net {

// Counts what is under way. Thread-safe.
class Gate {
 public:
  explicit Gate(std::size_t connections_max) : connections_max_(connections_max) {}

  bool enter_connection();  // false: connections_max are open
  void leave_connection();
  std::size_t connections() const { return connections_; }

  void enter_request() { ++requests_; }
  void leave_request() { --requests_; }
  std::size_t requests() const { return requests_; }

  void start_draining() { draining_ = true; }
  bool draining() const { return draining_; }
  // True when the last connection has left in time.
  bool wait_empty(std::chrono::nanoseconds timeout);

 private:
  const std::size_t connections_max_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> requests_{0};
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable left_;
};

// Counts one request from its head to the last byte of its answer.
class RequestPass {
 public:
  explicit RequestPass(Gate& gate) : gate_(gate) { gate_.enter_request(); }
  ~RequestPass() { gate_.leave_request(); }
  RequestPass(const RequestPass&) = delete;
  RequestPass& operator=(const RequestPass&) = delete;

 private:
  Gate& gate_;
};

class LiveConnections;

// Something with a socket that must hear of a drain: a connection derives from it. Enters the list of
// its loop when constructed, leaves it when destroyed.
class LiveConnection {
 public:
  explicit LiveConnection(std::shared_ptr<LiveConnections> list);
  LiveConnection(const LiveConnection&) = delete;
  LiveConnection& operator=(const LiveConnection&) = delete;

  virtual void drain() = 0;  // closes when idle, else after what runs (`Connection: close`, GOAWAY)
  virtual void cut() = 0;    // cancels what runs and closes at once; must not destroy *this

 protected:
  virtual ~LiveConnection();

 private:
  friend class LiveConnections;
  const std::shared_ptr<LiveConnections> list_;  // shared: a connection may outlive its server
  LiveConnection* previous_ = nullptr;
  LiveConnection* next_ = nullptr;
};

// The connections of one loop. Not thread-safe: it lives on its loop.
class LiveConnections {
 public:
  void drain_all();
  void cut_all();

 private:
  friend class LiveConnection;
  LiveConnection* first_ = nullptr;
};

struct ConnectionContext;

// Drives HTTP/2 on a connection until it ends; `already_read` holds the bytes read so far (of the
// client's preface). Deadlines that are armed when it is called belong to the caller and are disarmed.
using ServeHttp2 = Task<> (*)(std::shared_ptr<Transport> transport, std::string already_read,
                              const ConnectionContext& context);

// One for each loop of a server; outlives the loop's connections.
struct ConnectionContext {
  const ServerConfig& config;
  const Handler& handler;
  const Clock& clock;
  observe::Log& log;
  observe::Metrics& metrics;  // of weir_http_refused_total{reason}: see count_refused
  Gate& gate;
  const std::shared_ptr<LiveConnections>& live;
  boost::asio::io_context& loop;
  ServeHttp2 serve_http2 = nullptr;  // null: this server does not speak HTTP/2
};

// weir_http_refused_total{reason}: messages that the server refuses itself, before any handler.
void count_refused(const ConnectionContext& context, std::string_view reason);

// The wall clock as a Date field, formatted once a second.
class DateCache {
 public:
  explicit DateCache(const Clock& clock) : clock_(clock) {}
  std::string_view now();  // valid until the next call

 private:
  const Clock& clock_;
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace weir::net

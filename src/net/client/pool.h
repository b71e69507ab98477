// net/client/pool.h: what one loop keeps for each origin: idle connections, shared ones, the TLS session to
// resume, the addresses. No locks: everything here belongs to the loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "net/client/connection.h"
#include "net/client/shared_connection.h"
#include "net/deadline.h"
#include "net/http.h"
#include "net/wake.h"

namespace weir::net {

class OriginPool {
 public:
  // The youngest idle connection that is still quiet, or null.
  std::unique_ptr<Connection> take(std::chrono::nanoseconds idle_max);
  // Keeps a connection for the next request; with idle_count_max there, the oldest one goes.
  void put(std::unique_ptr<Connection> connection, std::size_t idle_count_max);
  std::size_t idle_count() const { return idle_.size(); }

  // A connection of HTTP/2 that takes another call, or null.
  std::shared_ptr<SharedConnection> shared();
  void add_shared(std::shared_ptr<SharedConnection> connection) { shared_.push_back(std::move(connection)); }

  // While one call opens a connection that may turn out to be a shared one, the others wait for it.
  class Opening {
   public:
    explicit Opening(OriginPool& pool) : pool_(pool) { pool_.opening_ = true; }
    ~Opening();
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;

   private:
    OriginPool& pool_;
  };
  bool opening() const { return opening_; }
  // Until the opening has ended. timed_out after `limit`.
  Task<Result<>> wait_for_opening(const Executor& executor, std::chrono::nanoseconds limit);

  std::optional<HttpVersion> speaks;  // http11 or http2, once a connection has told
  SslSessionPtr session;
  Endpoints addresses;  // empty: resolve
  Monotonic resolved_at{};

 private:
  friend class LoopPools;
  struct Idle {
    std::unique_ptr<Connection> connection;
    Monotonic since;
  };
  bool close_older_than(std::chrono::nanoseconds age, Monotonic now);  // true when some are left
  void close_all();

  std::deque<Idle> idle_;  // the oldest first
  std::vector<std::shared_ptr<SharedConnection>> shared_;
  std::list<Wake*> waiting_;
  bool opening_ = false;
};

// A service of the io_context, so that idle sockets end before their loop does: `LoopPools::of(context)`.
// Origins come from the configuration, so their number needs no limit; they stay until the loop ends,
// because connections refer to them.
class LoopPools : public boost::asio::execution_context::service {
 public:
  using key_type = LoopPools;
  static boost::asio::execution_context::id id;

  explicit LoopPools(boost::asio::execution_context& context);
  static LoopPools& of(boost::asio::execution_context& context);

  // Clients that trust different certificates do not share connections. The context is shared with the
  // connections, which may outlive their client.
  OriginPool& origin(const std::shared_ptr<TlsContext>& context, const Origin& origin);
  // Idle connections are closed when they are older than `age`, even when nobody calls.
  void close_idle_after(std::chrono::nanoseconds age);

 private:
  using Key = std::tuple<std::shared_ptr<TlsContext>, bool, std::uint16_t, std::string>;
  using KeyView = std::tuple<const std::shared_ptr<TlsContext>&, bool, std::uint16_t, std::string_view>;
  void shutdown() override;
  void sweep();

  DeadlineList& deadlines_;
  std::map<Key, OriginPool, std::less<>> origins_;
  Deadline sweep_;
  bool sweeping_ = false;
  std::chrono::nanoseconds idle_max_{};
};

}  // namespace weir::net

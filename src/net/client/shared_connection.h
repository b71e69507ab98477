// net/client/shared_connection.h: one connection of HTTP/2 to a provider, on which the calls of a loop run
// beside each other.
#pragma once

#include <memory>
#include <string>

#include "net/client/connection.h"
#include "net/deadline.h"
#include "net/http2/client_session.h"
#include "net/wake.h"
#include "observe/log.h"

namespace weir::net {

// Owned by its reader, its writer, the pool and the calls that use it: hence shared. Lives on one loop.
class SharedConnection final : public std::enable_shared_from_this<SharedConnection> {
 public:
  // After the handshake.
  SharedConnection(std::unique_ptr<Connection> connection, const Executor& executor,
                   const ClientConfig& config);

  void begin(observe::Log& log);  // starts to read and write; once
  void close();                   // every call on it fails

  bool usable() const;  // it may take another call
  bool closed() const { return closed_; }
  bool idle_longer_than(std::chrono::nanoseconds age) const;

  http2::ClientSession& session() { return session_; }
  // Frames are waiting. They leave in this turn of the loop, those of other calls with them.
  void flush_soon() { wake_.set(); }
  void on_call_ended();
  std::uint64_t reads() const { return reads_; }  // how often anything has come
  const Executor& executor() const { return executor_; }
  Monotonic now() const { return connection_->now(); }

 private:
  Task<> read_all();
  Task<> write_all();

  const std::unique_ptr<Connection> connection_;
  const Executor executor_;
  http2::ClientSession session_;
  Wake wake_;  // of the writer
  Monotonic idle_since_;
  std::string out_;
  bool closed_ = false;
  std::uint64_t reads_ = 0;
};

}  // namespace weir::net

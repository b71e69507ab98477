// net/http2/connection.h: one client's connection of HTTP/2: many requests at a time, each with a task of its
// own.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/connection_context.h"
#include "net/deadline.h"
#include "net/http2/exchange.h"
#include "net/http2/server_session.h"
#include "net/wake.h"

namespace weir::net::http2 {

// Owned by its task, the tasks of its streams and the read under way: hence shared.
class Connection final : public std::enable_shared_from_this<Connection>,
                         public LiveConnection,
                         private Carrier,
                         private ServerSession::Listener,
                         private ReadSink {
 public:
  Connection(std::shared_ptr<Transport> transport, const ConnectionContext& context);

  // Serves requests until the connection and the tasks of its streams have ended. `already_read`: the first
  // bytes.
  Task<> run(std::string already_read);

  void drain() override;
  void cut() override;

 private:
  // What the deadline is armed for.
  enum class Waiting : std::uint8_t { nothing, preface, head, request, end };

  // Carrier
  ServerSession& session() override { return session_; }
  std::string_view date() override { return date_.now(); }
  void flush_soon() override { wake_.set(); }
  void sweep_soon(std::int32_t id) override;

  // ServerSession::Listener
  void on_request(ServerStream& stream) override;
  void on_drained() override;
  void on_refused(std::string_view reason) override { count_refused(context_, reason); }

  void start_read();
  void on_read(Result<std::size_t> outcome) override;
  void take(std::string_view bytes);
  void begin_requests();
  void sweep();
  void wait_for(Waiting what);
  void set_deadline();
  void on_overdue();
  bool over() const;
  Task<> linger();

  const std::shared_ptr<Transport> transport_;
  const ConnectionContext& context_;
  Wake wake_;  // of the writer
  Deadline deadline_;
  Deadline drain_deadline_;
  DateCache date_;
  ServerSession session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;
  std::vector<ServerStream*> requests_;  // of the bytes being taken, without a task yet
  std::vector<std::int32_t> maybe_over_;
  std::unique_ptr<char[]> buffer_;
  std::size_t buffer_size_ = 0;
  std::size_t next_buffer_size_;
  std::string out_;
  Waiting waiting_ = Waiting::nothing;
  bool reading_ = false;
  bool draining_ = false;
  bool goaway_sent_ = false;
  bool lingering_ = false;
  bool timed_out_ = false;
  bool gone_ = false;        // nothing can be read or written any more
  std::size_t dropped_ = 0;  // bytes while lingering
};

// A ServeHttp2 (net/connection_context.h).
Task<> serve(std::shared_ptr<Transport> transport, std::string already_read,
             const ConnectionContext& context);

}  // namespace weir::net::http2

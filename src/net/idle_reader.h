// net/idle_reader.h: a response's body, read with one eye on the clock: who waits for a piece learns that
// none has come for a while, and the reading goes on.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "base/task.h"
#include "net/http_client.h"
#include "observe/log.h"

namespace weir::net {

// One loop. Destroying it aborts the read under way and with it the response.
class IdleReader {
 public:
  IdleReader(std::unique_ptr<ClientResponse> response, observe::Log& log);
  ~IdleReader();
  IdleReader(const IdleReader&) = delete;
  IdleReader& operator=(const IdleReader&) = delete;

  // As BodyReader::read; nullopt when nothing has come within `idle`. Not to be called after the end.
  Task<std::optional<Result<std::string_view>>> read_for(std::chrono::nanoseconds idle);

 private:
  struct State;
  static Task<> pump(std::shared_ptr<State> state);

  observe::Log& log_;
  const std::shared_ptr<State> state_;  // shared with the coroutine that reads, which may end a little later
};

}  // namespace weir::net

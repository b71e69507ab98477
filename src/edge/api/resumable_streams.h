// edge/api/resumable_streams.h: streamed answers that outlive their connection: each is produced by a task
// of its own into a data::Streams, and read from there by whoever is connected.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "data/stream_events.h"
#include "data/streams.h"
#include "edge/api/resume_wish.h"
#include "edge/exchange.h"
#include "net/http.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::edge {

// Where the producing task puts its bytes.
class StreamWriter {
 public:
  StreamWriter(data::Streams& streams, std::string id, bool ids)
      : streams_(streams), id_(std::move(id)), ids_(ids) {}
  // not_found: the stream was removed; there is no use in going on.
  Task<Result<>> write(std::string_view bytes);

 private:
  std::string with_ids(std::string_view bytes);

  data::Streams& streams_;
  const std::string id_;
  const bool ids_;
  data::EventMarks marks_;
  std::uint64_t events_ = 0;
};

// Any loop may call. Everything outlives it.
class ResumableStreams {
 public:
  // Writes the whole stream. An error is what its readers are told behind the last byte; when there is
  // none, the first one is answered with the error's own status.
  using Produce = std::function<Task<Result<>>(StreamWriter&)>;
  enum class Connection : std::uint8_t { first, resumed };

  ResumableStreams(data::Streams& streams, const Clock& clock, Random& random, observe::Log& log,
                   observe::Metrics& metrics);
  ~ResumableStreams();

  // A place for a stream of this caller's; `kept` are the fields that each answer with it begins with.
  // overloaded: there is none, and the answer had better not be resumable.
  Task<Result<std::string>> open(const Exchange& exchange, ResumeWish wish, std::string chat_id,
                                 net::Headers kept);
  // Starts producing on the caller's loop.
  Task<> start(std::string id, ResumeWish wish, Produce work);
  // Answers with the stream from behind event `after` on. `head`: of the first connection, with
  // everything that the provider said; a resumed one begins with what was kept.
  Task<Result<>> deliver(Exchange& exchange, std::string id, std::uint64_t after, net::ResponseHead head,
                         Connection connection);
  // The same for a stream that was begun earlier; 204 when nothing is left of it.
  Task<Result<>> resume(Exchange& exchange, std::string id);

  Task<Result<std::string>> newest_of_chat(const Exchange& exchange, std::string chat_id);
  // Forgets the stream and aborts the upstream call.
  Task<Result<>> remove(const Exchange& exchange, std::string id);

  // Aborts what nobody has read for its grace; for a timer.
  Task<> sweep();
  std::size_t producing() const;
  // Waits until everything is produced, then aborts what is left; how many those were. Blocks: not for a
  // loop's thread.
  std::size_t drain(std::chrono::nanoseconds patience);

 private:
  struct Production;
  class Enrolled;

  Task<> produce(std::shared_ptr<Production> production, ResumeWish wish, Produce work);
  void abort(const std::string& id);

  data::Streams& streams_;
  const Clock& clock_;
  Random& random_;
  observe::Log& log_;
  observe::Gauge& open_;
  observe::Counter& resumed_;
  observe::Counter& abandoned_;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::string, std::shared_ptr<Production>> productions_;  // shared with their tasks
};

}  // namespace weir::edge

#include "edge/api/resumable_streams.h"

#include <boost/system/system_error.hpp>

#include "base/ids.h"
#include "edge/outlet.h"
#include "net/spawn.h"

namespace weir::edge {
namespace {

constexpr std::string_view kStreamId = "x-weir-stream-id";
constexpr std::string_view kBegunBy = "x-weir-begun-by";  // the request that the stream belongs to
constexpr std::chrono::seconds kAbortTimeout{5};          // for aborted tasks to unwind

data::StreamOwner owner_of(const Exchange& exchange) {
  return {exchange.principal.tenant, exchange.principal.key_id};
}

// A reader's place, left on every way out, the cancelled one included.
class Seat {
 public:
  Seat(data::Streams& streams, data::StreamReader& reader) : streams_(streams), reader_(reader) {}
  ~Seat() { streams_.leave(reader_, to_the_end_); }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  void reached_the_end() { to_the_end_ = true; }

 private:
  data::Streams& streams_;
  data::StreamReader& reader_;
  bool to_the_end_ = false;
};

}  // namespace

Task<Result<>> StreamWriter::write(std::string_view bytes) {
  return streams_.append(id_, ids_ ? with_ids(bytes) : std::string(bytes));
}

// The number goes before the empty line that ends the event, because only there it is known to be one.
std::string StreamWriter::with_ids(std::string_view bytes) {
  std::string out;
  data::EventMark mark{};
  do {
    const std::size_t taken = marks_.next(bytes, mark);
    out += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (mark == data::EventMark::blank_line) out += "id: " + std::to_string(++events_) + "\n";
  } while (mark != data::EventMark::none);
  return out;
}

// A task that produces, as the others reach it.
struct ResumableStreams::Production {
  Production(std::string stream_id, const Executor& executor) : id(std::move(stream_id)), loop(executor) {}

  const std::string id;
  const Executor loop;
  boost::asio::cancellation_signal cancel;  // touched on its loop only
};

// Stands in the list while its task runs.
class ResumableStreams::Enrolled {
 public:
  Enrolled(ResumableStreams& streams, const std::string& id) : streams_(streams), id_(id) {}
  ~Enrolled() {
    const std::lock_guard lock(streams_.mutex_);
    streams_.productions_.erase(id_);
    streams_.open_.add(-1);
    streams_.ended_.notify_all();
  }
  Enrolled(const Enrolled&) = delete;
  Enrolled& operator=(const Enrolled&) = delete;

 private:
  ResumableStreams& streams_;
  const std::string& id_;
};

ResumableStreams::ResumableStreams(data::Streams& streams, const Clock& clock, Random& random,
                                   observe::Log& log, observe::Metrics& metrics)
    : streams_(streams),
      clock_(clock),
      random_(random),
      log_(log),
      open_(metrics.gauge("weir_streams_open", "Resumable streams that are being produced.")),
      resumed_(metrics.counter("weir_streams_resumed_total", "Connections that went on with a stream.")),
      abandoned_(metrics.counter("weir_streams_abandoned_total",
                                 "Resumable streams aborted because nobody read them for their grace.")) {}

ResumableStreams::~ResumableStreams() = default;

Task<Result<std::string>> ResumableStreams::open(const Exchange& exchange, ResumeWish wish,
                                                 std::string chat_id, net::Headers kept) {
  std::string id = new_id("str", clock_, random_);
  kept.set(kBegunBy, exchange.id);
  data::StreamStart start{.id = id,
                          .owner = owner_of(exchange),
                          .chat_id = std::move(chat_id),
                          .headers = std::move(kept),
                          .grace = wish.grace};
  auto begun = co_await streams_.begin(std::move(start));
  if (!begun) {
    log_.warn("an answer is not resumable", {{"request_id", exchange.id}, {"error", begun.error().message}});
    co_return fail(begun);
  }
  co_return id;
}

Task<> ResumableStreams::start(std::string id, ResumeWish wish, Produce work) {
  const Executor loop = co_await boost::asio::this_coro::executor;
  auto production = std::make_shared<Production>(std::move(id), loop);
  {
    const std::lock_guard lock(mutex_);
    productions_.emplace(production->id, production);
    open_.add(1);
  }
  net::spawn(loop, log_, "stream", production->cancel,
             [this, production, wish, work = std::move(work)] { return produce(production, wish, work); });
}

Task<> ResumableStreams::produce(std::shared_ptr<Production> production, ResumeWish wish, Produce work) {
  const Enrolled enrolled(*this, production->id);
  StreamWriter writer(streams_, production->id, wish.ids);
  std::optional<Error> failure;
  try {
    auto produced = co_await work(writer);
    if (!produced) failure = std::move(produced.error());
  } catch (const boost::system::system_error& error) {
    // Aborted: whoever did that has ended or removed the stream.
    if (error.code() == boost::system::errc::operation_canceled) throw;
    failure.emplace(Code::internal, error.what());
  } catch (const std::exception& error) {
    failure.emplace(Code::internal, error.what());
  }
  if (failure && failure->code == Code::internal) {
    log_.error("producing a stream failed", {{"stream_id", production->id}, {"error", failure->message}});
  }
  co_await streams_.end(production->id, std::move(failure));
}

Task<Result<>> ResumableStreams::deliver(Exchange& exchange, std::string id, std::uint64_t after,
                                         net::ResponseHead head, Connection connection) {
  auto reader = co_await streams_.attach(owner_of(exchange), id, after);
  if (!reader) co_return fail(reader);
  Seat seat(streams_, *reader);
  head.headers.set(kStreamId, id);
  exchange.stream_id = id;
  if (connection == Connection::resumed) exchange.stream_begun_by = head.headers.get(kBegunBy);
  if (connection == Connection::resumed) resumed_.add();
  if (after > 0) {
    // Who comes back learns at once that the stream is there, however long its next event takes.
    auto begun = co_await exchange.out.start(std::move(head), -1);
    const std::string_view head_alone;
    if (begun) begun = co_await exchange.out.write(head_alone);
    if (!begun) co_return begun;
  }
  while (true) {
    auto piece = co_await streams_.read(*reader);
    if (!piece) co_return fail(piece);
    if (!exchange.out.started()) {
      auto begun = co_await exchange.out.start(std::move(head), -1);
      if (!begun) co_return begun;
    }
    if (piece->empty()) break;
    auto written = co_await exchange.out.write(*piece);
    if (!written) co_return written;
  }
  auto finished = co_await exchange.out.finish();
  if (finished) seat.reached_the_end();
  co_return finished;
}

Task<Result<>> ResumableStreams::resume(Exchange& exchange, std::string id) {
  const auto after = read_last_event(exchange);
  if (!after) co_return fail(Error(after.error()));
  auto facts = co_await streams_.find(owner_of(exchange), id);
  if (!facts) co_return fail(facts);
  const bool nothing_left = facts->whole && *after == facts->events;
  if (nothing_left || exchange.request.method == "HEAD") {  // HEAD must not take the stream over
    net::Response response;
    response.status = nothing_left ? 204 : 200;
    if (!nothing_left) response.headers = std::move(facts->headers);
    response.headers.set(kStreamId, id);
    co_return co_await exchange.out.send(std::move(response));
  }
  net::ResponseHead head;
  head.headers = std::move(facts->headers);
  co_return co_await deliver(exchange, std::move(id), *after, std::move(head), Connection::resumed);
}

Task<Result<std::string>> ResumableStreams::newest_of_chat(const Exchange& exchange, std::string chat_id) {
  return streams_.newest_of_chat(owner_of(exchange), std::move(chat_id));
}

Task<Result<>> ResumableStreams::remove(const Exchange& exchange, std::string id) {
  auto removed = co_await streams_.remove(owner_of(exchange), id);
  if (removed) abort(id);
  co_return removed;
}

Task<> ResumableStreams::sweep() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, production] : productions_) ids.push_back(id);
  }
  if (ids.empty()) co_return;
  auto overdue = co_await streams_.overdue(std::move(ids));
  if (!overdue) {
    log_.warn("the streams cannot be looked after", {{"error", overdue.error().message}});
    co_return;
  }
  for (const std::string& id : *overdue) {
    Error reason(Code::cancelled, "nobody read the stream for its grace time");
    co_await streams_.end(id, std::move(reason));
    abort(id);
    abandoned_.add();
  }
}

void ResumableStreams::abort(const std::string& id) {
  std::shared_ptr<Production> production;
  {
    const std::lock_guard lock(mutex_);
    const auto found = productions_.find(id);
    if (found == productions_.end()) return;
    production = found->second;
  }
  // Without the lock, which the production takes when its cancellation ends it: on its own loop that is here.
  const auto cancel = [](std::shared_ptr<Production> running) -> Task<> {
    running->cancel.emit(boost::asio::cancellation_type::terminal);
    co_return;
  };
  // On its own loop, because a signal is not thread-safe.
  net::spawn(production->loop, log_, "abort of a stream",
             [cancel, production] { return cancel(production); });
}

std::size_t ResumableStreams::producing() const {
  const std::lock_guard lock(mutex_);
  return productions_.size();
}

std::size_t ResumableStreams::drain(std::chrono::nanoseconds patience) {
  std::vector<std::string> left;
  const auto none = [this] { return productions_.empty(); };
  {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, patience, none)) return 0;
    for (const auto& [id, production] : productions_) left.push_back(id);
  }
  for (const std::string& id : left) abort(id);
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, kAbortTimeout, none);
  return left.size();
}

}  // namespace weir::edge

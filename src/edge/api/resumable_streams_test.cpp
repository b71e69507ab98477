#include "edge/api/resumable_streams.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "data/memory/streams.h"
#include "data_temporary_directory.h"
#include "edge/outlet.h"
#include "edge_fakes.h"
#include "net/loops.h"
#include "net/sleep.h"

namespace weir::edge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One request by one key, and what became of it.
struct Client {
  explicit Client(std::string method = "GET", net::Headers headers = {}, std::string key = "k") {
    request = test::request_of(std::move(method), "/api/streams/x", body);
    request.headers = std::move(headers);
    exchange.principal.key_id = std::move(key);
  }
  net::StringBody body{""};
  net::Request request;
  test::CapturedResponse captured;
  Outlet out{captured, "", false};
  Exchange exchange{request, out};
};

// A provider that a test feeds from outside; counts how often it was let go.
struct Source {
  Task<Result<>> produce(StreamWriter& writer) {
    struct Gone {
      ~Gone() { ++*count; }
      std::atomic<int>* count;
    } gone{&ended};
    while (true) {
      std::optional<std::string> piece;
      {
        const std::lock_guard lock(mutex);
        if (!pieces.empty()) {
          piece = std::move(pieces.front());
          pieces.pop_front();
        }
      }
      if (!piece) {
        co_await net::sleep_for(milliseconds(1));
        continue;
      }
      if (*piece == "throw") throw std::runtime_error("a bug");
      if (*piece == "fail") co_return fail(Code::upstream_failed, "it broke");
      if (piece->empty()) co_return Result<>();
      auto written = co_await writer.write(*piece);
      if (!written) co_return written;
    }
  }
  void send(std::string piece) {
    const std::lock_guard lock(mutex);
    pieces.push_back(std::move(piece));
  }
  std::mutex mutex;
  std::deque<std::string> pieces;
  std::atomic<int> ended{0};
};

struct World {
  World() { loops.start(); }
  ~World() {
    streams.drain(seconds(0));
    loops.stop();
    loops.join();
  }

  template <class T>
  T run(Task<T> task) {
    return boost::asio::co_spawn(loops.at(0), std::move(task), boost::asio::use_future).get();
  }
  void run(Task<> task) {
    boost::asio::co_spawn(loops.at(0), std::move(task), boost::asio::use_future).get();
  }

  // As a handler does it.
  Task<Result<>> answer(Client& client, ResumeWish wish, std::string& id) {
    net::Headers kept{{"content-type", "text/event-stream"}};
    auto opened = co_await streams.open(client.exchange, wish, "", std::move(kept));
    if (!opened) co_return fail(opened);
    id = *opened;
    ResumableStreams::Produce work = [this](StreamWriter& writer) { return source.produce(writer); };
    co_await streams.start(id, wish, std::move(work));
    net::ResponseHead head;
    head.headers.add("x-of-the-first", "1");
    co_return co_await streams.deliver(client.exchange, id, 0, std::move(head),
                                       ResumableStreams::Connection::first);
  }
  // Begins a stream of two events whose client is lost with the first write.
  std::string lose_client(ResumeWish wish) {
    Client client;
    client.captured.gone_after_writes = 0;
    source.send("data: 1\n\n");
    source.send("data: 2\n\n");
    std::string id;
    const auto answered = run(answer(client, wish, id));
    REQUIRE_FALSE(answered);
    CHECK(answered.error().code == Code::cancelled);
    CHECK(client.captured.headers.get("x-of-the-first") == "1");
    CHECK(client.captured.headers.get("x-weir-stream-id") == id);
    return id;
  }
  Result<> resume(Client& client, const std::string& id) { return run(streams.resume(client.exchange, id)); }
  void wait_until_ended() {
    for (int i = 0; i < 5'000 && streams.producing() > 0; ++i) std::this_thread::sleep_for(milliseconds(1));
    REQUIRE(streams.producing() == 0);
  }
  std::string metrics_text() const { return metrics.prometheus_text(); }

  weir::test::TemporaryDirectory directory;
  ManualClock clock;
  SeededRandom random{3};
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock, 2};
  observe::Metrics metrics;
  net::Loops loops{1};
  net::WorkerPool workers{"test", 1, 16};
  data::MemoryStreams store{
      data::SpillFile::open(directory.path().string(), 1 << 20).value(), {}, clock, workers, metrics};
  Source source;
  ResumableStreams streams{store, clock, random, log, metrics};
};

constexpr ResumeWish kWish{.grace = seconds(30)};

TEST_CASE("a client that comes back gets the rest of the one production") {
  World world;
  const std::string id = world.lose_client(kWish);
  world.source.send("data: 3\n\n");
  world.source.send("");
  Client again("GET", {{"last-event-id", "1"}});
  REQUIRE(world.resume(again, id));
  CHECK(again.captured.body == "data: 2\n\ndata: 3\n\n");
  CHECK(again.captured.finished);
  CHECK(again.captured.headers.get("content-type") == "text/event-stream");
  CHECK(again.captured.headers.get("x-weir-stream-id") == id);
  CHECK_FALSE(again.captured.headers.contains("x-of-the-first"));
  world.wait_until_ended();
  CHECK(world.source.ended == 1);
  Client complete("GET", {{"last-event-id", "3"}});
  REQUIRE(world.resume(complete, id));
  CHECK(complete.captured.status == 204);
  CHECK(world.metrics_text().contains("weir_streams_resumed_total 1"));
  CHECK(world.metrics_text().contains("weir_streams_open 0"));
}

TEST_CASE("with ids each event is numbered, however it is cut into pieces") {
  World world;
  for (const char* piece : {"event: a\nda", "ta: 1\n", "\n: c\n\nda", "ta: 2\n\n", ""})
    world.source.send(piece);
  Client client;
  std::string id;
  REQUIRE(world.run(world.answer(client, {.grace = seconds(30), .ids = true}, id)));
  CHECK(client.captured.body == "event: a\ndata: 1\nid: 1\n\n: c\n\ndata: 2\nid: 2\n\n");
}

TEST_CASE("what fails before its first byte is answered with its own status, later the answer is cut") {
  World world;
  Client early;
  std::string id;
  world.source.send("fail");
  const auto failed = world.run(world.answer(early, kWish, id));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::upstream_failed);
  CHECK_FALSE(early.captured.started());

  Client late;
  world.source.send("data: 1\n\n");
  world.source.send("throw");
  const auto thrown = world.run(world.answer(late, kWish, id));
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().code == Code::internal);
  CHECK(late.captured.body == "data: 1\n\n");
  CHECK_FALSE(late.captured.finished);
  Client again("GET", {{"last-event-id", "1"}});
  CHECK(world.resume(again, id).error().code == Code::gone);
}

TEST_CASE("nobody reads for the grace: the production is aborted, once") {
  World world;
  const std::string id = world.lose_client(kWish);
  world.clock.advance(seconds(29));
  world.run(world.streams.sweep());
  CHECK(world.streams.producing() == 1);
  world.clock.advance(seconds(1));
  world.run(world.streams.sweep());
  world.wait_until_ended();
  CHECK(world.source.ended == 1);
  Client again;
  const auto rest = world.resume(again, id);
  REQUIRE_FALSE(rest);
  CHECK(rest.error().code == Code::cancelled);
  CHECK(again.captured.body == "data: 1\n\ndata: 2\n\n");
  CHECK_FALSE(again.captured.finished);
  CHECK(world.metrics_text().contains("weir_streams_abandoned_total 1"));
}

TEST_CASE("removing aborts; another key's stream is not there") {
  World world;
  const std::string id = world.lose_client(kWish);
  Client other("GET", {}, "another");
  CHECK(world.resume(other, id).error().code == Code::not_found);
  CHECK(world.run(world.streams.remove(other.exchange, id)).error().code == Code::not_found);
  CHECK(world.streams.producing() == 1);
  Client owner;
  REQUIRE(world.run(world.streams.remove(owner.exchange, id)));
  world.wait_until_ended();
  CHECK(world.source.ended == 1);
  CHECK(world.resume(owner, id).error().code == Code::not_found);
}

TEST_CASE("HEAD looks without taking over") {
  World world;
  const std::string id = world.lose_client(kWish);
  Client head("HEAD");
  REQUIRE(world.resume(head, id));
  CHECK(head.captured.status == 200);
  CHECK(head.captured.headers.get("x-weir-stream-id") == id);
  CHECK(head.captured.body.empty());
}

TEST_CASE("a drain waits for productions, and aborts what is left") {
  World world;
  world.lose_client(kWish);
  world.source.send("");
  CHECK(world.streams.drain(seconds(10)) == 0);
  CHECK(world.source.ended == 1);
  world.lose_client(kWish);
  CHECK(world.streams.drain(milliseconds(5)) == 1);
  CHECK(world.streams.producing() == 0);
  CHECK(world.source.ended == 2);
}

TEST_CASE("what a request asks for") {
  ResumeConfig config{.grace_max = seconds(100)};
  const auto asked = [&](net::Headers headers) {
    Client client("POST", std::move(headers));
    return read_resume_wish(client.exchange, config);
  };
  CHECK_FALSE(asked({}).value());
  CHECK_FALSE(asked({{"x-weir-grace", "0"}}).value());
  CHECK_FALSE(asked({{"x-weir-grace", "0s"}, {"x-weir-resume", "true"}}).value());
  CHECK(asked({{"x-weir-grace", "500ms"}}).value()->grace == milliseconds(500));
  CHECK(asked({{"x-weir-grace", "1m"}}).value()->grace == seconds(60));
  CHECK(asked({{"x-weir-grace", "999999m"}}).value()->grace == seconds(100));
  CHECK_FALSE(asked({{"x-weir-grace", "1m"}}).value()->ids);
  CHECK(asked({{"x-weir-resume", "true"}}).value()->grace == seconds(30));
  CHECK(asked({{"x-weir-resume", "true"}}).value()->ids);
  for (const char* wrong : {"", "s", "-1s", "1.5s", "1h", "99999999999999999999s", "1 s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(asked({{"x-weir-grace", wrong}}));
  }
  CHECK_FALSE(asked({{"x-weir-resume", "yes"}}));
  config.grace = seconds(10);
  CHECK(asked({}).value()->grace == seconds(10));
  CHECK_FALSE(asked({{"x-weir-resume", "false"}}).value());
}

}  // namespace
}  // namespace weir::edge

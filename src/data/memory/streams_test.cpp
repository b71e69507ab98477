#include "data/memory/streams.h"

#include <future>

#include "contract/streams_contract.h"
#include "data_temporary_directory.h"

namespace weir::data {
namespace {

using test::run_task;

constexpr std::size_t kBlock = SpillFile::kBlockSize;
const StreamOwner kOwner{TenantId("t"), "key"};

struct World {
  explicit World(MemoryStreamsConfig config) {
    auto file = SpillFile::open(directory.path().string(), config.disk_max);
    REQUIRE(file);
    streams = std::make_unique<MemoryStreams>(*std::move(file), config, clock, workers, metrics);
  }
  void begin(std::string id) {
    REQUIRE(
        run_task(streams->begin({.id = std::move(id), .owner = kOwner, .grace = std::chrono::seconds(30)})));
  }
  // Events of 1 KiB each.
  void fill(const std::string& id, std::size_t kib) {
    for (std::size_t i = 0; i < kib; ++i) {
      std::string event = "data: " + std::to_string(i) + " ";
      event.resize(1'022, 'x');
      REQUIRE(run_task(streams->append(id, event + "\n\n")));
    }
  }
  std::string rest(const std::string& id, std::uint64_t after) {
    auto reader = run_task(streams->attach(kOwner, id, after));
    REQUIRE(reader);
    std::string all;
    while (true) {
      auto bytes = run_task(streams->read(*reader));
      REQUIRE(bytes);
      if (bytes->empty()) return all;
      all += *bytes;
    }
  }
  double metric(std::string_view name) const {
    const std::string text = metrics.prometheus_text();
    const auto at = text.find("\n" + std::string(name) + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size() + 2));
  }

  test::TemporaryDirectory directory;
  ManualClock clock;
  net::WorkerPool workers{"test", 2, 64};
  observe::Metrics metrics;
  std::unique_ptr<MemoryStreams> streams;
};

}  // namespace

TEST_CASE("streams in memory keep the contract") {
  World world({.keep = std::chrono::minutes(1)});
  test::StreamsContract(*world.streams, world.clock, [&] { world.streams->release_expired(); }).run();
}

TEST_CASE("streams that live on the disk keep the contract") {
  World world({.stream_memory_max = 1, .keep = std::chrono::minutes(1)});
  test::StreamsContract(*world.streams, world.clock, [&] { world.streams->release_expired(); }).run();
}

TEST_CASE("a long stream spills, is read back whole, and its file has no name") {
  World world({.stream_memory_max = 2 * kBlock});
  world.begin("s");
  world.fill("s", 1'000);
  CHECK(world.streams->memory_bytes() <= 2 * kBlock);
  CHECK(world.metric("weir_streams_spilled_bytes") >= 1'000 * 1'024 - 2 * kBlock);
  CHECK(std::filesystem::is_empty(world.directory.path()));
  run_task(world.streams->end("s", std::nullopt));
  CHECK(world.rest("s", 0).size() == 1'000 * 1'024);
  CHECK(world.rest("s", 777).starts_with("data: 777 "));
  REQUIRE(run_task(world.streams->remove(kOwner, "s")));
  CHECK(world.streams->memory_bytes() == 0);
  CHECK(world.metric("weir_streams_spilled_bytes") == 0);
}

TEST_CASE("all streams together keep their bound, the ended ones included") {
  World world({.memory_max = 4 * kBlock});
  for (int i = 0; i < 20; ++i) {
    const std::string id = std::to_string(i);
    world.begin(id);
    world.fill(id, 100);
    run_task(world.streams->end(id, std::nullopt));
    REQUIRE(world.streams->memory_bytes() <= 4 * kBlock);
  }
  for (int i = 0; i < 20; ++i) CHECK(world.rest(std::to_string(i), 50).size() == 50 * 1'024);
}

TEST_CASE("what exceeds every bound is forgotten, oldest first, and asked for it is gone") {
  World world({.stream_memory_max = kBlock, .stream_size_max = 4 * kBlock});
  world.begin("s");
  auto slow = run_task(world.streams->attach(kOwner, "s", 0));
  REQUIRE(slow);
  world.fill("s", 1'000);
  run_task(world.streams->end("s", std::nullopt));
  CHECK(run_task(world.streams->read(*slow)).error().code == Code::gone);
  CHECK(run_task(world.streams->attach(kOwner, "s", 10)).error().code == Code::gone);
  CHECK(world.rest("s", 900).size() == 100 * 1'024);
  CHECK(world.metric("weir_streams_forgotten_bytes_total") > 0);
}

TEST_CASE("a full disk costs the oldest bytes, not the bound") {
  World world({.stream_memory_max = kBlock, .disk_max = 2 * kBlock});
  world.begin("s");
  world.fill("s", 1'000);
  run_task(world.streams->end("s", std::nullopt));
  CHECK(world.streams->memory_bytes() <= kBlock);
  CHECK(run_task(world.streams->attach(kOwner, "s", 0)).error().code == Code::gone);
  CHECK(world.rest("s", 960).size() == 40 * 1'024);
}

TEST_CASE("a producer that is cancelled while its blocks go to the disk keeps neither memory nor places") {
  World world({.stream_memory_max = 1, .disk_max = 4 * kBlock});
  world.begin("s");
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  for (int thread = 0; thread < 2; ++thread) REQUIRE(world.workers.post([released] { released.wait(); }));
  CHECK(test::cancel_task(world.streams->append("s", std::string(3 * kBlock, 'x')),
                          [&] { release.set_value(); }));
  REQUIRE(run_task(world.streams->append("s", "\n\n")));
  CHECK(world.streams->memory_bytes() <= 1);
  CHECK(world.metric("weir_streams_spilled_bytes") == 3 * kBlock + 2);
  CHECK(world.metric("weir_streams_forgotten_bytes_total") == 0);
}

TEST_CASE("no more streams than the store holds, and expired ones make room") {
  World world({.streams_max = 2, .keep = std::chrono::seconds(10)});
  world.begin("a");
  world.begin("b");
  CHECK(run_task(world.streams->begin({.id = "c", .owner = kOwner})).error().code == Code::overloaded);
  run_task(world.streams->end("a", std::nullopt));
  world.clock.advance(std::chrono::seconds(10));
  world.begin("c");
  CHECK(world.streams->stream_count() == 2);
  CHECK(world.metric("weir_streams_expired_total") == 1);
}

TEST_CASE("a key that fills the store makes room for others, and its own oldest goes first") {
  World world({.streams_max = 4, .keep = std::chrono::seconds(100)});
  for (const char* id : {"a", "b", "c"}) {
    world.begin(id);
    world.fill(id, 1);
    run_task(world.streams->end(id, std::nullopt));
    world.clock.advance(std::chrono::seconds(1));
  }
  const StreamOwner other{TenantId("t"), "other"};
  REQUIRE(run_task(world.streams->begin({.id = "d", .owner = other})));
  run_task(world.streams->end("d", std::nullopt));
  REQUIRE(run_task(world.streams->begin({.id = "e", .owner = other})));  // instead of the other's oldest
  CHECK(world.streams->stream_count() == 4);
  CHECK(run_task(world.streams->find(kOwner, "a")).error().code == Code::not_found);
  CHECK(run_task(world.streams->find(kOwner, "b")));
  CHECK(run_task(world.streams->find(other, "d")));
  CHECK(world.metric("weir_streams_displaced_total") == 1);
}

TEST_CASE("who holds the most bytes has the disk to wait for, not who has the longest stream") {
  World world({.stream_memory_max = 64 * kBlock, .memory_max = 8 * kBlock, .disk_max = 0});
  const StreamOwner other{TenantId("t"), "other"};
  REQUIRE(run_task(world.streams->begin({.id = "long", .owner = other})));
  world.fill("long", 3 * kBlock / 1'024);
  for (const char* id : {"a", "b", "c", "d"}) {
    world.begin(id);
    world.fill(id, 2 * kBlock / 1'024);
  }
  CHECK(world.streams->memory_bytes() <= 8 * kBlock);
  auto reader = run_task(world.streams->attach(other, "long", 0));
  CHECK(reader.has_value());  // whole: its first byte is there
}

TEST_CASE("the spill file gives out its lowest block, and is empty when all are back") {
  test::TemporaryDirectory directory;
  auto file = SpillFile::open(directory.path().string(), 3 * kBlock + 1);
  REQUIRE(file);
  for (const std::uint32_t block : {0U, 1U, 2U}) CHECK((*file)->take() == block);
  CHECK_FALSE((*file)->take());
  REQUIRE((*file)->write(1, "bytes"));
  CHECK((*file)->read(1, 1, 3) == std::string("yte"));
  (*file)->give_back(1);
  (*file)->give_back(0);
  CHECK((*file)->take() == 0U);
  (*file)->give_back(0);
  (*file)->give_back(2);
  CHECK_FALSE((*file)->read(1, 0, 5));
  CHECK_FALSE(SpillFile::open((directory.path() / "absent").string(), kBlock));
}

}  // namespace weir::data

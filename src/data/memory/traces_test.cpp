#include "data/memory/traces.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "contract/traces_contract.h"

namespace weir::data {
namespace {

using test::run_task;

TEST_CASE("traces contract: memory") {
  MemoryTraces traces({.memory_max = 1024 * 1024, .shards = 4});
  test::TracesContract(traces).run();
}

TEST_CASE("no bound is exceeded, and what is left is whole") {
  constexpr std::size_t kSize = 4'000;
  MemoryTraces traces({.memory_max = kSize, .shards = 1});
  SeededRandom random(3);
  std::vector<std::string> added;
  for (int i = 0; i < 3'000; ++i) {
    added.emplace_back(random.next_u64() % 900, static_cast<char>('a' + i % 26));
    traces.add_request({.key_id = "k"}, "req_" + std::to_string(i), "\"" + added.back() + "\"");
    std::size_t kept = 0;
    for (int j = i; j >= 0 && j > i - 200; --j) {
      const auto found = run_task(traces.find({.owner = {.key_id = "k"}}, "req_" + std::to_string(j)));
      if (!found) break;
      REQUIRE(found->request == "\"" + added[static_cast<std::size_t>(j)] + "\"");
      kept += found->request.size();
    }
    REQUIRE(kept > 0);
    REQUIRE(kept <= kSize);
  }
}

TEST_CASE("a part that is larger than the store, and a store without room, keep nothing") {
  MemoryTraces small({.memory_max = 100, .shards = 1});
  small.add_request({.key_id = "k"}, "req_1", std::string(200, 'x'));
  CHECK_FALSE(run_task(small.find({.owner = {.key_id = "k"}}, "req_1")));
  MemoryTraces off({.memory_max = 0});
  off.add_request({.key_id = "k"}, "req_1", "{}");
  off.add_call("req_1", "{}");
  CHECK_FALSE(run_task(off.find({.owner = {.key_id = "k"}}, "req_1")));
}

}  // namespace
}  // namespace weir::data

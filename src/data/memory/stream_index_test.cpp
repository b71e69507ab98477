#include "data/memory/stream_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/random.h"

namespace weir::data {
namespace {

struct Stream : StreamIndex::Entry {
  StreamOwner owner;
  std::size_t bytes = 0;
  std::optional<Monotonic> idle_since;
};

const StreamOwner kMany{TenantId("t"), "many"};
const StreamOwner kFew{TenantId("t"), "few"};

}  // namespace

TEST_CASE("the owner who takes most makes room first") {
  StreamIndex index;
  std::vector<Stream> many(5);
  Stream large;
  CHECK(index.largest() == nullptr);
  CHECK(index.dispensable() == nullptr);
  index.add(large, kFew);
  index.set_bytes(large, 50'000);
  index.set_idle(large, std::chrono::seconds(1));
  for (Stream& stream : many) {
    index.add(stream, kMany);
    index.set_bytes(stream, 20'000);
  }
  index.set_bytes(many[3], 30'000);
  CHECK(index.largest() == &many[3]);     // not the other's, which alone is larger
  CHECK(index.dispensable() == nullptr);  // all of them are in use
  index.set_idle(many[2], std::chrono::seconds(7));
  index.set_idle(many[1], std::chrono::seconds(5));
  CHECK(index.dispensable() == &many[1]);
  CHECK(index.idle_before(std::chrono::seconds(1)) == &large);
  CHECK(index.idle_before(Monotonic(0)) == nullptr);
  for (Stream& stream : many) index.remove(stream);
  CHECK(index.largest() == &large);
  CHECK(index.dispensable() == &large);
  index.remove(large);
  CHECK(index.largest() == nullptr);
  CHECK(index.idle_before(std::chrono::hours(1)) == nullptr);
}

// The same answers as by looking at everything.
TEST_CASE("the index agrees with a look at all streams") {
  SeededRandom random(5);
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random.next_u64() % below); };
  StreamIndex index;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int step = 0; step < 3'000; ++step) {
    const std::size_t what = pick(4);
    if (streams.empty() || (what == 0 && streams.size() < 40)) {
      auto stream = std::make_unique<Stream>();
      stream->owner = {TenantId("t"), "key" + std::to_string(pick(4))};
      index.add(*stream, stream->owner);
      streams.push_back(std::move(stream));
      continue;
    }
    const auto at = streams.begin() + static_cast<std::ptrdiff_t>(pick(streams.size()));
    Stream& stream = **at;
    if (what == 1) {
      stream.bytes = pick(20) * 4'096;
      index.set_bytes(stream, stream.bytes);
    } else if (what == 2) {
      stream.idle_since =
          pick(2) == 0 ? std::nullopt : std::optional<Monotonic>(static_cast<int>(pick(1'000)));
      index.set_idle(stream, stream.idle_since);
    } else {
      index.remove(stream);
      streams.erase(at);
    }
    std::map<StreamOwner, std::pair<std::size_t, std::size_t>> shares;  // streams, bytes
    for (const auto& each : streams) {
      ++shares[each->owner].first;
      shares[each->owner].second += each->bytes;
    }
    std::size_t most_bytes = 0;
    for (const auto& [owner, share] : shares) most_bytes = std::max(most_bytes, share.second);
    const auto* largest = static_cast<const Stream*>(index.largest());
    REQUIRE((largest != nullptr) == (most_bytes > 0));
    if (largest != nullptr) {
      CHECK(shares[largest->owner].second == most_bytes);
      for (const auto& each : streams) {
        if (each->owner == largest->owner) CHECK(each->bytes <= largest->bytes);
      }
    }
    const auto* oldest = static_cast<const Stream*>(index.idle_before(std::chrono::hours(1)));
    for (const auto& each : streams) {
      if (!each->idle_since) continue;
      REQUIRE(oldest != nullptr);
      CHECK(*oldest->idle_since <= *each->idle_since);
    }
    if (const auto* spare = static_cast<const Stream*>(index.dispensable())) {
      CHECK(spare->idle_since);
      for (const auto& [owner, share] : shares) CHECK(share.first <= shares[spare->owner].first);
    }
  }
}

}  // namespace weir::data

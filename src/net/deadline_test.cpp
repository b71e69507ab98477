#include "net/deadline.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

struct World {
  boost::asio::io_context loop{1};
  DeadlineList& list = DeadlineList::of(loop);
  std::vector<std::unique_ptr<Deadline>> deadlines;
  std::size_t fired = 0;

  Deadline& make() {
    return *deadlines.emplace_back(std::make_unique<Deadline>(list, [this] { ++fired; }));
  }
  // Until `count` have fired in all. How long that took.
  std::chrono::nanoseconds wait_for(std::size_t count, std::chrono::nanoseconds at_most = 10s) {
    const Monotonic begun = list.now();
    while (fired < count && list.now() - begun < at_most) loop.run_one_for(at_most - (list.now() - begun));
    return list.now() - begun;
  }
};

TEST_CASE("a deadline fires once, after its time") {
  World world;
  Deadline& deadline = world.make();
  deadline.arm(150ms);
  CHECK(world.wait_for(1) >= 150ms);
  CHECK(deadline.fired());
  world.loop.run();  // nothing is armed: the loop has nothing to wait for
  world.loop.restart();
  CHECK(world.fired == 1);
  deadline.arm(0ms);
  CHECK_FALSE(deadline.fired());
  world.wait_for(2);
  CHECK(world.fired == 2);
}

TEST_CASE("a deadline can be put off, brought forward and taken back") {
  World world;
  Deadline& put_off = world.make();
  Deadline& brought_forward = world.make();
  Deadline& taken_back = world.make();
  put_off.arm(100ms);
  brought_forward.arm(1h);
  taken_back.arm(100ms);
  put_off.arm(600ms);
  brought_forward.arm(200ms);
  taken_back.disarm();
  CHECK(world.wait_for(1) >= 200ms);
  CHECK(brought_forward.fired());
  CHECK_FALSE(put_off.fired());
  world.wait_for(2);
  CHECK(put_off.fired());
  CHECK_FALSE(taken_back.fired());
  world.loop.run();
  CHECK(world.fired == 2);
}

TEST_CASE("of many deadlines those fire whose time has come, also where one destroys others") {
  World world;
  constexpr std::size_t kCount = 1'000;
  for (std::size_t i = 0; i < kCount; ++i) world.make().arm(i % 2 == 0 ? 50ms : 1h);
  std::unique_ptr<Deadline> one, other;  // overdue together, each the end of the other
  std::size_t duels = 0;
  one = std::make_unique<Deadline>(world.list, [&] { ++duels, other.reset(); });
  other = std::make_unique<Deadline>(world.list, [&] { ++duels, one.reset(); });
  one->arm(50ms);
  other->arm(50ms);
  world.wait_for(kCount / 2);
  world.wait_for(kCount, 300ms);
  CHECK(world.fired == kCount / 2);
  CHECK(duels == 1);
}

TEST_CASE("a deadline that is armed after the loop had nothing to wait for keeps its time") {
  World world;
  Deadline& deadline = world.make();
  deadline.arm(10ms);
  world.wait_for(1);
  world.loop.run();
  world.loop.restart();
  deadline.arm(120ms);
  const auto waited = world.wait_for(2);
  CHECK(waited >= 120ms);
  CHECK(deadline.fired());
}

}  // namespace
}  // namespace weir::net

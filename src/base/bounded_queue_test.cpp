#include "base/bounded_queue.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("a full queue refuses, and has room again once it was taken") {
  BoundedQueue<int> queue(2);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK_FALSE(queue.push(3));
  std::vector<int> out = {9};
  CHECK(queue.take_all(out, 0ms));
  CHECK(out == std::vector{1, 2});
  CHECK(queue.size() == 0);
  CHECK(queue.push(4));
}

TEST_CASE("an empty queue waits no longer than asked, and stays open") {
  BoundedQueue<int> queue(2);
  std::vector<int> out;
  CHECK(queue.take_all(out, 1ms));
  CHECK(out.empty());
}

TEST_CASE("a closed queue refuses, gives what it holds, then ends its consumer") {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  CHECK(queue.push(std::make_unique<int>(1)));
  queue.close();
  CHECK_FALSE(queue.push(std::make_unique<int>(2)));
  std::vector<std::unique_ptr<int>> out;
  CHECK(queue.take_all(out, 1h));
  CHECK(*out.at(0) == 1);
  CHECK_FALSE(queue.take_all(out, 1h));
}

TEST_CASE("nothing is lost between many producers and one consumer") {
  BoundedQueue<int> queue(1'000'000);
  std::vector<std::jthread> producers;
  for (int t = 0; t < 4; ++t) {
    producers.emplace_back([&] {
      for (int i = 1; i <= 1'000; ++i) queue.push(i);
    });
  }
  std::thread closer([&] {
    producers.clear();
    queue.close();
  });
  long sum = 0;
  std::vector<int> out;
  while (queue.take_all(out, 1h)) {
    for (const int i : out) sum += i;
  }
  closer.join();
  CHECK(sum == 4L * 1'000 * 1'001 / 2);
}

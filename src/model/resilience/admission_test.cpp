#include "model/resilience/admission.h"

#include <doctest/doctest.h>

#include <deque>
#include <thread>

#include "base/random.h"

namespace weir::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

AdmissionConfig small(std::uint32_t slots, std::size_t waiting) {
  AdmissionConfig config;
  config.limit.min = 1;
  config.limit.max = slots;
  config.waiting_max = waiting;
  return config;
}

struct Door {
  ManualClock clock;
  Admission admission;
  int woken = 0;

  explicit Door(AdmissionConfig config) : admission(config, clock) {}
  Admission::Outcome enter(Priority priority = Priority::normal,
                           std::chrono::nanoseconds within = seconds(10)) {
    return admission.enter(priority, clock.monotonic() + within, [this] { ++woken; });
  }
};

Admission::Slot& slot_of(Admission::Outcome& outcome) {
  return std::get<Admission::Slot>(outcome);
}
Admission::Waiting* waiting_of(Admission::Outcome& outcome) {
  auto* waiting = std::get_if<std::unique_ptr<Admission::Waiting>>(&outcome);
  return waiting == nullptr ? nullptr : waiting->get();
}

}  // namespace

TEST_CASE("admission: slots up to the limit, then a queue, first come first served") {
  Door door(small(2, 10));
  auto first = door.enter();
  std::optional<Admission::Outcome> second(door.enter());
  slot_of(first).succeeded();
  CHECK(door.admission.in_flight() == 2);
  auto third = door.enter();
  auto fourth = door.enter();
  REQUIRE(waiting_of(third) != nullptr);
  CHECK_FALSE(waiting_of(third)->slot());
  second.reset();
  CHECK(door.woken == 1);
  CHECK_FALSE(waiting_of(fourth)->slot());
  auto slot = waiting_of(third)->slot();
  REQUIRE(slot);
  CHECK(door.admission.in_flight() == 2);
  slot.reset();
  CHECK(door.woken == 2);
}

TEST_CASE("admission: priority goes first, and sheds the newest of the lowest when the queue is full") {
  Door door(small(1, 2));
  std::optional<Admission::Outcome> busy(door.enter());
  auto low = door.enter(Priority::low);
  auto normal = door.enter(Priority::normal);
  auto refused = door.enter(Priority::low);
  CHECK(std::holds_alternative<Admission::Refusal>(refused));
  auto high = door.enter(Priority::high);
  REQUIRE(waiting_of(high) != nullptr);
  CHECK(waiting_of(low)->shed());
  CHECK(door.woken == 1);
  busy.reset();
  CHECK(waiting_of(high)->slot().has_value());
  CHECK(waiting_of(normal)->slot().has_value());
}

TEST_CASE("admission: who leaves the queue gives its place back, and the slot that came meanwhile") {
  Door door(small(1, 10));
  std::optional<Admission::Outcome> busy(door.enter());
  std::optional<Admission::Outcome> gone(door.enter());
  auto next = door.enter();
  CHECK(door.admission.waiting() == 2);
  gone.reset();
  CHECK(door.admission.waiting() == 1);
  busy.reset();
  CHECK(door.woken == 1);  // admitted, and not yet taken
  CHECK(door.admission.in_flight() == 1);
  next = Admission::Refusal{};
  CHECK(door.admission.in_flight() == 0);
}

TEST_CASE("admission: a deadline that cannot be met is refused at once") {
  Door door(small(1, 100));
  {
    auto slot = door.enter();
    door.clock.advance(seconds(4));
  }  // so that a slot is known to be held for four seconds
  auto busy = door.enter();
  auto hopeless = door.enter(Priority::normal, seconds(3));
  REQUIRE(std::holds_alternative<Admission::Refusal>(hopeless));
  CHECK(std::get<Admission::Refusal>(hopeless).retry_after >= seconds(1));
  auto fine = door.enter(Priority::normal, seconds(5));
  CHECK(waiting_of(fine) != nullptr);
  auto second = door.enter(Priority::normal, seconds(5));
  CHECK(std::holds_alternative<Admission::Refusal>(second));
  CHECK(door.admission.expected_wait() == seconds(8));
}

TEST_CASE("admission: who has waited too long is passed over") {
  Door door(small(1, 10));
  std::optional<Admission::Outcome> busy(door.enter());
  auto late = door.enter(Priority::normal, seconds(1));
  auto patient = door.enter(Priority::normal, seconds(60));
  door.clock.advance(seconds(2));
  busy.reset();
  CHECK_FALSE(waiting_of(late)->slot());
  CHECK(waiting_of(patient)->slot().has_value());
}

// Four threads, few slots: never more in flight than the limit, and nothing is left behind.
TEST_CASE("admission: threads neither lose nor double a slot") {
  SystemClock clock;
  Admission admission(small(3, 1'000), clock);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> served{0};
  const auto work = [&](std::uint64_t seed) {
    SeededRandom random(seed);
    for (int i = 0; i < 2'000; ++i) {
      std::atomic<bool> woken{false};
      auto outcome = admission.enter(static_cast<Priority>(random.next_u64() % 3),
                                     clock.monotonic() + seconds(30), [&woken] { woken = true; });
      std::optional<Admission::Slot> slot;
      if (auto* taken = std::get_if<Admission::Slot>(&outcome)) slot.emplace(std::move(*taken));
      if (auto* waiting = waiting_of(outcome)) {
        if (random.next_unit() < 0.3) continue;  // the client went away
        while (!woken) std::this_thread::yield();
        slot = waiting->slot();
      }
      if (!slot) continue;
      const int now = ++inside;
      if (now > most) most = now;
      ++served;
      --inside;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < 4; ++i) threads.emplace_back(work, i);
  }
  CHECK(most <= 3);
  CHECK(served > 4'000);
  CHECK(admission.in_flight() == 0);
  CHECK(admission.waiting() == 0);
}

}  // namespace weir::model

#include "model/resilience/admission.h"

#include <algorithm>
#include <utility>

namespace weir::model {
namespace {

enum class State : std::uint8_t { waiting, admitted, taken, shed };

constexpr std::int64_t kSmoothing = 8;  // the newest of so many counts as one
constexpr auto kRetryAfterMin = std::chrono::seconds(1);

}  // namespace

struct Admission::Waiting::Entry {
  Priority priority;
  Monotonic give_up_at;
  std::function<void()> wake;
  State state = State::waiting;  // guarded by the admission's mutex
  Monotonic admitted_at{};
};

Result<> AdmissionConfig::check() const {
  if (wait_max.count() >= 0) return limit.check();
  return fail(Code::invalid_request, "wait_max must not be negative", "use 0 or more");
}

Admission::Waiting::~Waiting() {
  admission_.drop(entry_);
}

std::optional<Admission::Slot> Admission::Waiting::slot() {
  const std::lock_guard lock(admission_.mutex_);
  if (entry_->state != State::admitted) return std::nullopt;
  entry_->state = State::taken;
  return Slot(admission_, entry_->admitted_at);
}

bool Admission::Waiting::shed() const {
  const std::lock_guard lock(admission_.mutex_);
  return entry_->state == State::shed;
}

Monotonic Admission::Waiting::give_up_at() const {
  return entry_->give_up_at;
}

bool Admission::take_if_free() {
  std::uint32_t taken = in_flight_.load();
  while (taken < limit_.limit()) {
    if (in_flight_.compare_exchange_weak(taken, taken + 1)) return true;
  }
  return false;
}

std::optional<Admission::Slot> Admission::try_enter() {
  if (waiting_.load() != 0 || !take_if_free()) return std::nullopt;
  return Slot(*this, clock_.monotonic());
}

Admission::Outcome Admission::enter(Priority priority, Monotonic deadline, std::function<void()> wake) {
  if (auto slot = try_enter()) return *std::move(slot);
  const Monotonic now = clock_.monotonic();
  Wakes wakes;
  Outcome outcome = Refusal{};
  {
    const std::lock_guard lock(mutex_);
    // Announced before the last look at the slots: whoever leaves after that look sees that one waits.
    waiting_.fetch_add(1);
    grant(wakes);
    auto& queue = queues_[static_cast<std::size_t>(priority)];
    std::size_t ahead = 0;
    for (std::size_t i = static_cast<std::size_t>(priority); i < queues_.size(); ++i)
      ahead += queues_[i].size();
    const Monotonic give_up_at = std::min<Monotonic>(deadline, now + config_.wait_max);
    if (ahead == 0 && take_if_free()) {
      waiting_.fetch_sub(1);
      outcome = Slot(*this, now);
    } else if (now + wait_behind(ahead) >= give_up_at || !make_room(priority, wakes)) {
      waiting_.fetch_sub(1);
      outcome = Refusal{std::max<std::chrono::nanoseconds>(wait_behind(ahead), kRetryAfterMin)};
    } else {
      auto entry = std::make_shared<Waiting::Entry>(priority, give_up_at, std::move(wake));
      queue.push_back(entry);
      outcome = std::unique_ptr<Waiting>(new Waiting(*this, std::move(entry)));
    }
  }
  for (const auto& each : wakes) each();
  return outcome;
}

void Admission::leave(Monotonic entered_at) {
  const std::int64_t held = std::max<std::int64_t>((clock_.monotonic() - entered_at).count(), 1);
  const std::int64_t known = service_ns_.load(std::memory_order_relaxed);
  service_ns_.store(known == 0 ? held : known + (held - known) / kSmoothing, std::memory_order_relaxed);
  in_flight_.fetch_sub(1);
  if (waiting_.load() == 0) return;
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    grant(wakes);
  }
  for (const auto& wake : wakes) wake();
}

// Highest priority first, first come first within it. Who can no longer be in time is left to its own clock.
void Admission::grant(Wakes& wakes) {
  const Monotonic now = clock_.monotonic();
  for (std::size_t i = queues_.size(); i-- > 0;) {
    auto& queue = queues_[i];
    while (!queue.empty()) {
      const std::shared_ptr<Waiting::Entry>& first = queue.front();
      if (first->give_up_at > now) {
        if (!take_if_free()) return;
        first->state = State::admitted;
        first->admitted_at = now;
        wakes.push_back(std::move(first->wake));
      }
      queue.pop_front();
      waiting_.fetch_sub(1);
    }
  }
}

// With a full queue the newest of the lowest priority gives way, if it is lower than the newcomer's.
bool Admission::make_room(Priority for_whom, Wakes& wakes) {
  std::size_t waiting = 0;
  for (const auto& queue : queues_) waiting += queue.size();
  if (waiting < config_.waiting_max) return true;
  for (std::size_t i = 0; i < static_cast<std::size_t>(for_whom); ++i) {
    if (queues_[i].empty()) continue;
    const std::shared_ptr<Waiting::Entry> last = std::move(queues_[i].back());
    queues_[i].pop_back();
    waiting_.fetch_sub(1);
    last->state = State::shed;
    wakes.push_back(std::move(last->wake));
    return true;
  }
  return false;
}

void Admission::drop(const std::shared_ptr<Waiting::Entry>& entry) {
  bool give_back = false;
  {
    const std::lock_guard lock(mutex_);
    if (entry->state == State::waiting) {
      auto& queue = queues_[static_cast<std::size_t>(entry->priority)];
      const auto at = std::ranges::find(queue, entry);
      if (at != queue.end()) {
        queue.erase(at);
        waiting_.fetch_sub(1);
      }
    }
    give_back = entry->state == State::admitted;
    entry->state = State::taken;
  }
  if (give_back) leave(entry->admitted_at);
}

std::chrono::nanoseconds Admission::wait_behind(std::size_t count) const {
  const std::int64_t service = service_ns_.load(std::memory_order_relaxed);
  const std::int64_t limit = std::max<std::int64_t>(limit_.limit(), 1);
  return std::chrono::nanoseconds(service / limit * static_cast<std::int64_t>(count + 1));
}

std::chrono::nanoseconds Admission::expected_wait() const {
  if (in_flight() < limit()) return {};
  return wait_behind(waiting());
}

}  // namespace weir::model

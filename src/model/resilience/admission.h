// model/resilience/admission.h: the door to one upstream: as many requests at once as its adaptive limit
// says, the others in a bounded queue, by priority, each only while its deadline can still be met.
// Without I/O: who waits gives a function that wakes it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "model/call.h"
#include "model/resilience/adaptive_limit.h"

namespace weir::model {

struct AdmissionConfig {
  AdaptiveLimitConfig limit;
  std::size_t waiting_max = 256;
  std::chrono::milliseconds wait_max{30'000};
  Result<> check() const;
};

// Any thread may call. While the limit is not reached, entering and leaving are one atomic step each.
class Admission {
 public:
  Admission(const AdmissionConfig& config, const Clock& clock)
      : config_(config), clock_(clock), limit_(config.limit, clock) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // The right to one request in flight; given back when it is destroyed.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : admission_(other.admission_), entered_at_(other.entered_at_) {
      other.admission_ = nullptr;
    }
    Slot& operator=(Slot&& other) noexcept {
      std::swap(admission_, other.admission_);  // what was held here is given back with `other`
      std::swap(entered_at_, other.entered_at_);
      return *this;
    }
    ~Slot() {
      if (admission_ != nullptr) admission_->leave(entered_at_);
    }
    // How the upstream took it.
    void succeeded() { admission_->limit_.succeeded(admission_->in_flight()); }
    void overloaded() { admission_->limit_.overloaded(admission_->in_flight()); }

   private:
    friend class Admission;
    Slot(Admission& admission, Monotonic entered_at) : admission_(&admission), entered_at_(entered_at) {}
    Admission* admission_;
    Monotonic entered_at_;
  };

  // A place in the queue. Destroying it leaves the queue, and gives back a slot that came meanwhile.
  class Waiting {
   public:
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    std::optional<Slot> slot();  // once: when admitted
    bool shed() const;           // gave way to a call of higher priority
    Monotonic give_up_at() const;

   private:
    friend class Admission;
    struct Entry;
    Waiting(Admission& admission, std::shared_ptr<Entry> entry)
        : admission_(admission), entry_(std::move(entry)) {}
    Admission& admission_;
    const std::shared_ptr<Entry> entry_;
  };

  // No slot, and no use in waiting for one.
  struct Refusal {
    std::chrono::nanoseconds retry_after;
  };

  using Outcome = std::variant<Slot, std::unique_ptr<Waiting>, Refusal>;
  std::optional<Slot> try_enter();  // without waiting
  // `wake` is called once, from any thread and without a lock, when the one who waits is admitted or shed.
  Outcome enter(Priority priority, Monotonic deadline, std::function<void()> wake);

  std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  std::uint32_t limit() const { return limit_.limit(); }
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  // How long the next to enter the queue would stay there.
  std::chrono::nanoseconds expected_wait() const;

 private:
  using Wakes = std::vector<std::function<void()>>;

  bool take_if_free();
  void leave(Monotonic entered_at);
  void grant(Wakes& wakes);  // with the lock held, as the next
  bool make_room(Priority for_whom, Wakes& wakes);
  void drop(const std::shared_ptr<Waiting::Entry>& entry);
  std::chrono::nanoseconds wait_behind(std::size_t count) const;

  const AdmissionConfig config_;
  const Clock& clock_;
  AdaptiveLimit limit_;
  std::atomic<std::uint32_t> in_flight_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::int64_t> service_ns_{0};  // how long a slot is held, smoothed; 0: not known
  std::mutex mutex_;
  std::array<std::list<std::shared_ptr<Waiting::Entry>>, 3> queues_;  // by priority; guarded by mutex_
};

}  // namespace weir::model

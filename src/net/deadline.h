// net/deadline.h: time limits without a timer per operation. Each loop sweeps a wheel of lists every
// kSweepInterval and fires what is overdue; arming is a list insertion (about 55 instructions, beside
// 740 for a timer and 6,200 for `read || timer`).
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

#include "base/clock.h"

namespace weir::net {

constexpr std::chrono::milliseconds kSweepInterval{100};
constexpr std::size_t kWheelSlots = 256;     // 25.6 s; what is due later is looked at once in that time
constexpr std::size_t kFiredAtOnceMax = 4;  // before the loop's other work has its turn

class DeadlineList;

// One limit, owned by what it limits. Fires at most once for each arming, at most kSweepInterval late.
// Not thread-safe: it lives on its loop.
class Deadline {
 public:
  // on_overdue typically cancels or closes a socket; it must not destroy this Deadline.
  Deadline(DeadlineList& list, std::function<void()> on_overdue);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void arm(std::chrono::nanoseconds after);  // replaces an earlier arming
  void disarm();
  bool fired() const { return fired_; }  // since the last arming

 private:
  friend class DeadlineList;
  DeadlineList& list_;
  std::function<void()> on_overdue_;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Monotonic at_{};
  std::int64_t slot_time_ = 0;  // of the slot where it lies, in sweep intervals: not after at_
  bool armed_ = false;
  bool fired_ = false;
};

// The deadlines of one loop, a service of its io_context: `DeadlineList::of(context)`. A sweep looks at those
// that lie in the slots of the time since the last one, so that ten thousand that are due much later cost
// nothing.
class DeadlineList : public boost::asio::execution_context::service {
 public:
  using key_type = DeadlineList;
  static boost::asio::execution_context::id id;

  explicit DeadlineList(boost::asio::execution_context& context);
  static DeadlineList& of(boost::asio::execution_context& context);
  Monotonic now() const;

 private:
  friend class Deadline;
  void shutdown() override;
  void schedule();
  void sweep();
  void fire();
  void link(Deadline& deadline);
  void collect_overdue(Deadline* first, Monotonic at);
  static void link_at(Deadline*& head, Deadline& deadline);
  void unlink(Deadline& deadline);
  static std::int64_t slot_time(Monotonic at) { return at / kSweepInterval; }
  Deadline*& slot(std::int64_t time) { return slots_[static_cast<std::size_t>(time) % kWheelSlots]; }

  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  SystemClock clock_;
  std::array<Deadline*, kWheelSlots> slots_{};  // armed: each in the slot of its time
  Deadline* overdue_ = nullptr;                 // found by sweep(), being fired
  std::size_t armed_ = 0;                       // in the slots and overdue
  std::int64_t swept_ = 0;                      // the slots before this time hold nothing that is due
  bool scheduled_ = false;
};

}  // namespace weir::net

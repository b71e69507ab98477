#include "net/deadline.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace weir::net {

Deadline::Deadline(DeadlineList& list, std::function<void()> on_overdue)
    : list_(list), on_overdue_(std::move(on_overdue)) {}

Deadline::~Deadline() {
  disarm();
}

void Deadline::arm(std::chrono::nanoseconds after) {
  fired_ = false;
  at_ = list_.now() + after;
  // One that is put off stays where it lies: the sweep that comes by moves it on.
  if (armed_ && DeadlineList::slot_time(at_) >= slot_time_) return;
  if (armed_) list_.unlink(*this);
  list_.link(*this);
}

void Deadline::disarm() {
  if (armed_) list_.unlink(*this);
}

boost::asio::execution_context::id DeadlineList::id;

DeadlineList::DeadlineList(boost::asio::execution_context& context)
    : boost::asio::execution_context::service(context),
      timer_(static_cast<boost::asio::io_context&>(context)) {}

DeadlineList& DeadlineList::of(boost::asio::execution_context& context) {
  return boost::asio::use_service<DeadlineList>(context);
}

Monotonic DeadlineList::now() const {
  return clock_.monotonic();
}

void DeadlineList::shutdown() {
  for (Deadline*& first : slots_) {
    while (first != nullptr) unlink(*first);
  }
  while (overdue_ != nullptr) unlink(*overdue_);
}

// The timer runs only while something is armed, so that an idle loop never wakes.
void DeadlineList::schedule() {
  if (scheduled_ || armed_ == 0) return;
  scheduled_ = true;
  timer_.expires_after(kSweepInterval);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    scheduled_ = false;
    if (ec) return;
    sweep();
    schedule();
  });
}

void DeadlineList::sweep() {
  const bool firing = overdue_ != nullptr;
  const Monotonic at = now();
  const std::int64_t current = slot_time(at);
  const std::int64_t rounds = std::min<std::int64_t>(current - swept_ + 1, kWheelSlots);
  for (std::int64_t time = current - rounds + 1; time <= current; ++time) collect_overdue(slot(time), at);
  swept_ = current;  // where some may be due within this interval
  if (!firing) fire();
}

// Firing may arm, disarm or destroy other deadlines, so what is overdue first moves to a list of its own;
// unlink() works on either.
void DeadlineList::collect_overdue(Deadline* first, Monotonic at) {
  for (Deadline* d = first; d != nullptr;) {
    Deadline* const next = d->next_;
    if (d->at_ <= at) {
      unlink(*d);
      link_at(overdue_, *d);
      ++armed_;
    } else if (slot_time(d->at_) != d->slot_time_) {  // put off
      unlink(*d);
      link(*d);
    }
    d = next;
  }
}

// A portion, then the loop's other work, then the next: thousands may be overdue at once, and those who
// behave are not to wait for all of them.
void DeadlineList::fire() {
  for (std::size_t i = 0; i < kFiredAtOnceMax && overdue_ != nullptr; ++i) {
    Deadline& d = *overdue_;
    unlink(d);
    if (d.at_ > now()) {  // armed anew meanwhile
      link(d);
      continue;
    }
    d.fired_ = true;
    d.on_overdue_();
  }
  if (overdue_ != nullptr) boost::asio::post(timer_.get_executor(), [this] { fire(); });
}

void DeadlineList::link_at(Deadline*& head, Deadline& deadline) {
  deadline.armed_ = true;
  deadline.previous_ = nullptr;
  deadline.next_ = head;
  if (head != nullptr) head->previous_ = &deadline;
  head = &deadline;
}

void DeadlineList::link(Deadline& deadline) {
  if (armed_++ == 0) swept_ = slot_time(now());
  deadline.slot_time_ = std::max(slot_time(deadline.at_), swept_);  // due already: by the next sweep
  link_at(slot(deadline.slot_time_), deadline);
  schedule();
}

void DeadlineList::unlink(Deadline& deadline) {
  --armed_;
  Deadline*& first = slot(deadline.slot_time_);
  if (deadline.previous_ != nullptr) deadline.previous_->next_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->previous_ = deadline.previous_;
  if (first == &deadline) first = deadline.next_;
  if (overdue_ == &deadline) overdue_ = deadline.next_;
  deadline.previous_ = deadline.next_ = nullptr;
  deadline.armed_ = false;
}

}  // namespace weir::net

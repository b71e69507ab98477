#include "net/deadline.h"

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
  if (!armed_) list_.link(*this);
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
  while (first_ != nullptr) unlink(*first_);
  while (overdue_ != nullptr) unlink(*overdue_);
}

// The timer runs only while something is armed, so that an idle loop never wakes.
void DeadlineList::schedule() {
  if (scheduled_ || first_ == nullptr) return;
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
  // Firing may arm, disarm or destroy other deadlines, so what is overdue first moves to a list of
  // its own; unlink() works on either list.
  const bool firing = overdue_ != nullptr;
  const Monotonic at = now();
  for (Deadline* d = first_; d != nullptr;) {
    Deadline* const next = d->next_;
    if (d->at_ <= at) {
      unlink(*d);
      link_at(overdue_, *d);
    }
    d = next;
  }
  if (!firing) fire();
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
  link_at(first_, deadline);
  schedule();
}

void DeadlineList::unlink(Deadline& deadline) {
  if (deadline.previous_ != nullptr) deadline.previous_->next_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->previous_ = deadline.previous_;
  if (first_ == &deadline) first_ = deadline.next_;
  if (overdue_ == &deadline) overdue_ = deadline.next_;
  deadline.previous_ = deadline.next_ = nullptr;
  deadline.armed_ = false;
}

}  // namespace weir::net

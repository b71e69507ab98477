#include "net/connection_context.h"

#include "base/time_format.h"

namespace weir::net {

bool Gate::enter_connection() {
  if (connections_.fetch_add(1) < connections_max_) return true;
  leave_connection();
  return false;
}

void Gate::leave_connection() {
  // The lock makes sure that wait_empty is either before its test or asleep.
  const std::lock_guard lock(mutex_);
  if (connections_.fetch_sub(1) == 1) left_.notify_all();
}

bool Gate::wait_empty(std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, timeout, [this] { return connections_ == 0; });
}

LiveConnection::LiveConnection(std::shared_ptr<LiveConnections> list)
    : list_(std::move(list)), next_(list_->first_) {
  if (next_ != nullptr) next_->previous_ = this;
  list_->first_ = this;
}

LiveConnection::~LiveConnection() {
  if (previous_ != nullptr) previous_->next_ = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (list_->first_ == this) list_->first_ = next_;
}

void LiveConnections::drain_all() {
  for (LiveConnection* c = first_; c != nullptr; c = c->next_) c->drain();
}

void LiveConnections::cut_all() {
  for (LiveConnection* c = first_; c != nullptr; c = c->next_) c->cut();
}

void count_refused(const ConnectionContext& context, std::string_view reason) {
  context.metrics
      .counter("weir_http_refused_total", "Messages refused by the server before any handler.",
               {{"reason", reason}})
      .add();
}

std::string_view DateCache::now() {
  const WallTime wall = clock_.wall();
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(wall).count();
  if (second != second_) {
    second_ = second;
    text_ = to_http_date(wall);
  }
  return text_;
}

}  // namespace weir::net

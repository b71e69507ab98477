#include "net/client/pool.h"

namespace weir::net {

std::unique_ptr<Connection> OriginPool::take(std::chrono::nanoseconds idle_max) {
  while (!idle_.empty()) {
    Idle idle = std::move(idle_.back());
    idle_.pop_back();
    const bool young = idle.connection->now() - idle.since < idle_max;
    if (young && idle.connection->quiet()) return std::move(idle.connection);
  }
  return nullptr;
}

void OriginPool::put(std::unique_ptr<Connection> connection, std::size_t idle_count_max) {
  connection->release_buffer();
  const Monotonic since = connection->now();
  idle_.push_back({std::move(connection), since});
  if (idle_.size() > idle_count_max) idle_.pop_front();
}

bool OriginPool::close_older_than(std::chrono::nanoseconds age, Monotonic now) {
  while (!idle_.empty() && idle_.front().since <= now - age) idle_.pop_front();
  std::erase_if(shared_, [age](const auto& connection) {
    if (connection->idle_longer_than(age)) connection->close();
    return connection->closed();
  });
  return !idle_.empty() || !shared_.empty();
}

void OriginPool::close_all() {
  idle_.clear();
  for (const auto& connection : shared_) connection->close();
  shared_.clear();
}

std::shared_ptr<SharedConnection> OriginPool::shared() {
  std::erase_if(shared_, [](const auto& connection) { return connection->closed(); });
  for (const auto& connection : shared_) {
    if (connection->usable()) return connection;
  }
  return nullptr;
}

OriginPool::Opening::~Opening() {
  pool_.opening_ = false;
  for (Wake* const waiting : pool_.waiting_) waiting->set();
}

Task<Result<>> OriginPool::wait_for_opening(const Executor& executor, std::chrono::nanoseconds limit) {
  struct Place {
    std::list<Wake*>& list;
    std::list<Wake*>::iterator at;
    ~Place() { list.erase(at); }
  };
  Wake wake(executor);
  bool timed_out = false;
  Deadline deadline(DeadlineList::of(executor.context()), [&] {
    timed_out = true;
    wake.set();
  });
  const Place place{waiting_, waiting_.insert(waiting_.end(), &wake)};
  deadline.arm(limit);
  co_await wake.wait();
  if (timed_out) co_return fail(Code::timed_out, "cannot connect: the provider took too long");
  co_return Result<>();
}

boost::asio::execution_context::id LoopPools::id;

LoopPools::LoopPools(boost::asio::execution_context& context)
    : boost::asio::execution_context::service(context),
      deadlines_(DeadlineList::of(context)),
      sweep_(deadlines_, [this] { sweep(); }) {}

LoopPools& LoopPools::of(boost::asio::execution_context& context) {
  return boost::asio::use_service<LoopPools>(context);
}

OriginPool& LoopPools::origin(const std::shared_ptr<TlsContext>& context, const Origin& origin) {
  const KeyView view(context, origin.tls, origin.port, origin.host);
  if (const auto found = origins_.find(view); found != origins_.end()) return found->second;
  return origins_[Key(context, origin.tls, origin.port, origin.host)];
}

void LoopPools::close_idle_after(std::chrono::nanoseconds age) {
  if (sweeping_) return;
  sweeping_ = true;
  idle_max_ = age;
  sweep_.arm(age);
}

void LoopPools::sweep() {
  sweeping_ = false;
  bool any_left = false;
  const Monotonic now = deadlines_.now();
  for (auto& [key, pool] : origins_) any_left = pool.close_older_than(idle_max_, now) || any_left;
  if (any_left) close_idle_after(idle_max_);
}

// Only the sockets: coroutines that the loop destroys later may still refer to the rest.
void LoopPools::shutdown() {
  sweep_.disarm();
  for (auto& [key, pool] : origins_) pool.close_all();
}

}  // namespace weir::net

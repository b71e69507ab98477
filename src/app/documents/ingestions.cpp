#include "app/documents/ingestions.h"

#include "base/ids.h"
#include "net/sleep.h"
#include "net/spawn.h"

namespace weir::app {
namespace {

constexpr std::chrono::milliseconds kLookInterval{50};

}  // namespace

std::string_view to_string(IngestionStatus status) {
  switch (status) {
    case IngestionStatus::processing: return "processing";
    case IngestionStatus::ready: return "ready";
    case IngestionStatus::failed: return "failed";
  }
  return "failed";
}

Task<Result<std::string>> Ingestions::begin(data::TenantId tenant, DocumentInput input) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  input.id = new_id("doc", clock_, random_);
  const Key key{tenant.value(), input.id};
  {
    const std::lock_guard lock(mutex_);
    if (processing_ >= config_.processing_max) {
      co_return fail(Code::overloaded,
                     std::to_string(config_.processing_max) + " documents are being read already",
                     "send it again in a moment");
    }
    ++processing_;
    ingestions_.emplace(key, Ingestion{.source = input.source, .begun_at = clock_.wall()});
  }
  auto shared = std::make_shared<DocumentInput>(std::move(input));
  net::spawn(executor, log_, "ingestion", [this, key, tenant, shared] { return run(key, tenant, shared); });
  co_return key.second;
}

Task<> Ingestions::run(Key key, data::TenantId tenant, std::shared_ptr<DocumentInput> input) {
  auto added = co_await library_.add(std::move(tenant), std::move(*input));
  finish(key, std::move(added));
}

void Ingestions::finish(const Key& key, Result<Added> added) {
  const std::lock_guard lock(mutex_);
  Ingestion& ingestion = ingestions_[key];
  ingestion.status = added ? IngestionStatus::ready : IngestionStatus::failed;
  ingestion.ended_at = clock_.wall();
  if (added) {
    ingestion.document_id = added->document.id;
  } else {
    ingestion.reason = std::move(added.error());
  }
  --processing_;
  finished_.push_back(key);
  if (finished_.size() <= config_.finished_max) return;
  ingestions_.erase(finished_.front());
  finished_.pop_front();
}

std::optional<Ingestion> Ingestions::find(const data::TenantId& tenant, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = ingestions_.find(Key{tenant.value(), id});
  if (found == ingestions_.end()) return std::nullopt;
  return found->second;
}

Task<std::optional<Ingestion>> Ingestions::wait(data::TenantId tenant, std::string id,
                                                std::chrono::nanoseconds limit) const {
  const Monotonic end = clock_.monotonic() + limit;
  while (true) {
    auto found = find(tenant, id);
    if (!found || found->status != IngestionStatus::processing || clock_.monotonic() >= end) co_return found;
    co_await net::sleep_for(kLookInterval);
  }
}

}  // namespace weir::app

#include "data/memory/provider_objects.h"

#include <algorithm>

namespace weir::data {

Task<Result<>> MemoryProviderObjects::add(ProviderObject object) {
  const std::lock_guard lock(mutex_);
  const ObjectOwner owner = object.owner;
  std::pair key{object.kind, object.id};
  const auto [entry, added] = objects_.try_emplace(std::move(key), std::move(object));
  if (!added && entry->second.owner != owner)
    co_return fail(Code::conflict, "this object belongs to another key");
  co_return Result<>();
}

Task<Result<std::optional<ProviderObject>>> MemoryProviderObjects::find(ObjectKind kind, std::string id) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find({kind, std::move(id)});
  if (found == objects_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<std::vector<std::string>>> MemoryProviderObjects::owned_of(ObjectOwner owner, ObjectKind kind,
                                                                       std::vector<std::string> ids) {
  const std::lock_guard lock(mutex_);
  std::erase_if(ids, [&](const std::string& id) {
    const auto found = objects_.find({kind, id});
    return found == objects_.end() || found->second.owner != owner;
  });
  co_return ids;
}

Task<Result<std::uint64_t>> MemoryProviderObjects::count(ObjectOwner owner, ObjectKind kind) {
  const std::lock_guard lock(mutex_);
  const auto counted = std::ranges::count_if(
      objects_, [&](const auto& entry) { return entry.second.kind == kind && entry.second.owner == owner; });
  co_return static_cast<std::uint64_t>(counted);
}

Task<Result<>> MemoryProviderObjects::remove(ObjectKind kind, std::string id) {
  const std::lock_guard lock(mutex_);
  objects_.erase({kind, std::move(id)});
  co_return Result<>();
}

}  // namespace weir::data

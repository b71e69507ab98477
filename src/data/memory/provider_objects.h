// data/memory/provider_objects.h: owners in memory, for tests: gone with the process.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "data/provider_objects.h"

namespace weir::data {

class MemoryProviderObjects final : public ProviderObjects {
 public:
  Task<Result<>> add(ProviderObject object) override;
  Task<Result<std::optional<ProviderObject>>> find(ObjectKind kind, std::string id) override;
  Task<Result<std::vector<std::string>>> owned_of(ObjectOwner owner, ObjectKind kind,
                                                  std::vector<std::string> ids) override;
  Task<Result<std::uint64_t>> count(ObjectOwner owner, ObjectKind kind) override;
  Task<Result<>> remove(ObjectKind kind, std::string id) override;

 private:
  std::mutex mutex_;  // never held across a wait: no method suspends
  std::map<std::pair<ObjectKind, std::string>, ProviderObject> objects_;
};

}  // namespace weir::data

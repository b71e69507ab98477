// data/provider_objects.h: whose the objects are that callers have made at a provider: files, batches, vector
// stores. A provider knows only Weir's own key, and would show every caller everybody's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "data/tenant.h"

namespace weir::data {

// Values of the store: never renumbered. The first two are Anthropic's.
enum class ObjectKind : std::uint8_t { file, batch, openai_file, openai_batch, vector_store };

// A key is one owner; the keys of a tenant do not see each other's objects.
struct ObjectOwner {
  TenantId tenant = default_tenant();
  std::string key_id;
  friend bool operator==(const ObjectOwner&, const ObjectOwner&) = default;
};

struct ProviderObject {
  ObjectKind kind = ObjectKind::file;
  std::string id;        // the provider's: "file_…", "msgbatch_…"
  std::string provider;  // by its configured name
  ObjectOwner owner;
  WallTime created_at{};
};

// Safe to call from any loop's coroutine; never blocks. Errors: overloaded (too much is waiting), internal.
class ProviderObjects {
 public:
  virtual ~ProviderObjects() = default;
  // Durable when it returns. The same again is success; conflict when the id has another owner.
  virtual Task<Result<>> add(ProviderObject object) = 0;
  // Whosever it is; nullopt: nobody has made it through Weir, or it was removed.
  virtual Task<Result<std::optional<ProviderObject>>> find(ObjectKind kind, std::string id) = 0;
  // Which of `ids` are the owner's, in the order of `ids`.
  virtual Task<Result<std::vector<std::string>>> owned_of(ObjectOwner owner, ObjectKind kind,
                                                          std::vector<std::string> ids) = 0;
  virtual Task<Result<std::uint64_t>> count(ObjectOwner owner, ObjectKind kind) = 0;
  // What is not there is no error.
  virtual Task<Result<>> remove(ObjectKind kind, std::string id) = 0;
};

}  // namespace weir::data

// data/sqlite/keys.h: API keys in the embedded database.
#pragma once

#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/random.h"
#include "data/key_snapshot.h"
#include "data/keys.h"
#include "data/sqlite/database.h"

namespace weir::data {

struct SqliteKeysConfig {
  std::string environment = "live";  // the second part of a token; letters and digits
};

class SqliteKeys final : public Keys {
 public:
  static Result<std::unique_ptr<SqliteKeys>> open(SqliteKeysConfig config, Database& database,
                                                  const Clock& clock, Random& random);

  std::optional<Principal> verify(std::string_view token) const override;
  bool any() const override;
  // invalid_request: a scope that does not exist, an expiry that has passed.
  Result<Secret> create(std::string name, TenantId tenant, std::vector<std::string> scopes,
                        WallTime expires_at) override;
  Result<std::vector<ApiKey>> list() override;    // the oldest first, the dead ones too
  Result<> revoke(std::string_view id) override;  // not_found; once more is no error
  Result<Secret> rotate(std::string_view id,
                        std::chrono::seconds overlap) override;  // not_found; conflict: revoked

  // Reads the keys again when another process (`weir keys revoke`) has changed the database since the
  // last call; true when it did. Cheap when nothing changed; blocks, so call it from a pool, once a
  // second: that bounds how long a revoked key still passes.
  Result<bool> refresh_if_changed();

 private:
  SqliteKeys(SqliteKeysConfig config, Database& database, const Clock& clock, Random& random);
  Result<> load();
  std::shared_ptr<const KeySnapshot> snapshot() const;

  const SqliteKeysConfig config_;
  Database& database_;
  const Clock& clock_;
  Random& random_;
  std::mutex load_mutex_;          // one load at a time, so that an older one never replaces a newer one
  std::int64_t seen_version_ = 0;  // under load_mutex_
  // Shared: a reader keeps its table while a new one comes in. The mutex is held to copy the pointer.
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const KeySnapshot> snapshot_;
};

}  // namespace weir::data

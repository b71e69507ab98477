// data/sqlite/provider_objects.h: owners of provider objects in the embedded database.
#pragma once

#include "data/provider_objects.h"
#include "data/sqlite/database.h"
#include "net/worker_pool.h"

namespace weir::data {

struct SqliteProviderObjectsConfig {
  std::size_t read_queue_max = 4'096;
  std::size_t write_queue_max = 1'024;
};

class SqliteProviderObjects final : public ProviderObjects {
 public:
  SqliteProviderObjects(SqliteProviderObjectsConfig config, Database& database);
  void stop();  // as WorkerPool::stop, of its pools

  Task<Result<>> add(ProviderObject object) override;
  Task<Result<std::optional<ProviderObject>>> find(ObjectKind kind, std::string id) override;
  Task<Result<std::vector<std::string>>> owned_of(ObjectOwner owner, ObjectKind kind,
                                                  std::vector<std::string> ids) override;
  Task<Result<std::uint64_t>> count(ObjectOwner owner, ObjectKind kind) override;
  Task<Result<>> remove(ObjectKind kind, std::string id) override;

 private:
  Database& database_;
  net::WorkerPool reader_;
  net::WorkerPool writer_;
};

}  // namespace weir::data

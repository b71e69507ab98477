// data/sqlite/vectors.h: vectors in the embedded database, beside the passages they stand for.
#pragma once

#include "data/embedding_progress.h"
#include "data/sqlite/database.h"
#include "data/sqlite/vector_memory.h"
#include "data/vectors.h"
#include "net/worker_pool.h"

namespace weir::data {

struct SqliteVectorsConfig {
  // Threads that search; each needs a reader of the database for the moment in which it asks what is new.
  std::uint32_t search_threads = 2;
  std::size_t search_queue_max = 1'024;
  std::size_t write_queue_max = 256;
};

// Vectors that SqliteDocuments::put wrote with their document are here, too.
class SqliteVectors final : public Vectors, public EmbeddingProgress {
 public:
  SqliteVectors(SqliteVectorsConfig config, Database& database);

  // Reads what there is into memory, so that the first search need not wait for it. Blocking; not needed.
  Result<> load() { return memory_.catch_up(); }

  Task<Result<>> upsert(TenantId tenant, std::string document_id, std::string content_sha256,
                        DocumentVectors vectors) override;
  Task<Result<>> remove(TenantId tenant, std::string document_id) override;
  Task<Result<std::vector<VectorHit>>> search(TenantId tenant, VectorQuery query) override;
  Task<Result<std::uint64_t>> count(TenantId tenant, VectorSpace space) override;

  Task<Result<std::optional<VectorSpace>>> serving() override;
  Task<Result<>> serve(VectorSpace space) override;
  Task<Result<std::vector<DocumentName>>> unembedded(VectorSpace space, std::uint32_t limit) override;
  Task<Result<std::uint64_t>> count_unembedded(VectorSpace space) override;

  const VectorMemory& memory() const { return memory_; }

 private:
  Database& database_;
  VectorMemory memory_;
  net::WorkerPool searchers_;
  net::WorkerPool writer_;
};

}  // namespace weir::data

// data/sqlite/documents.h: documents, chunks and their word index (FTS5) in the embedded database.
#pragma once

#include "data/documents.h"
#include "data/sqlite/database.h"
#include "net/worker_pool.h"

namespace weir::data {

struct SqliteDocumentsConfig {
  // Threads that read; no more than the database has readers, or they would wait for each other.
  std::uint32_t read_threads = 2;
  std::size_t read_queue_max = 1'024;
  std::size_t write_queue_max = 256;
};

// Reads and writes have pools of their own, so that no search waits behind an upload. Vectors are written in
// the document's transaction; SqliteVectors on the same database searches them.
class SqliteDocuments final : public Documents {
 public:
  SqliteDocuments(SqliteDocumentsConfig config, Database& database);
  void stop();  // as WorkerPool::stop, of its pools

  using Documents::put;
  using Documents::put_by_source;
  using Documents::search_text;
  Task<Result<>> put(TenantId tenant, Document document, std::vector<Chunk> chunks,
                     DocumentVectors vectors) override;
  Task<Result<PutDocument>> put_by_source(TenantId tenant, Document document, std::vector<Chunk> chunks,
                                          DocumentVectors vectors) override;
  Task<Result<Document>> get(TenantId tenant, std::string id) override;
  Task<Result<std::optional<Document>>> find_by_hash(TenantId tenant, std::string content_sha256) override;
  Task<Result<std::optional<Document>>> find_by_source(TenantId tenant, std::string source) override;
  Task<Result<DocumentPage>> list(TenantId tenant, std::uint32_t limit, std::string cursor) override;
  Task<Result<>> remove(TenantId tenant, std::string id) override;
  Task<Result<std::uint64_t>> count(TenantId tenant) override;
  Task<Result<std::vector<FoundChunk>>> search_text(TenantId tenant, TextQuery query) override;
  Task<Result<std::vector<FoundChunk>>> get_chunks(TenantId tenant, std::vector<ChunkKey> keys) override;
  Task<Result<std::vector<Chunk>>> chunks_of(TenantId tenant, std::string document_id) override;

 private:
  Database& database_;
  net::WorkerPool readers_;
  net::WorkerPool writer_;
};

}  // namespace weir::data

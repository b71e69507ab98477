// data/memory/documents.h: documents in memory, for tests and for trying things out: gone with the
// process. Search is BM25 over all chunks of the tenant, without an index and without stemming.
#pragma once

#include <map>
#include <mutex>

#include "data/documents.h"

namespace weir::data {

class MemoryDocuments final : public Documents {
 public:
  using Documents::put;
  using Documents::put_by_source;
  using Documents::search_text;
  // Keeps no vectors.
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
  struct Entry {
    Document document;
    std::vector<Chunk> chunks;
  };
  using Entries = std::map<std::string, Entry>;  // by document id

  // All these want the lock.
  void keep(const TenantId& tenant, Document document, std::vector<Chunk> chunks);
  // Newest first; pointers into the map, so only while it is held.
  std::vector<const Document*> newest_first(const TenantId& tenant) const;
  std::optional<Document> find_newest(const TenantId& tenant, std::string Document::* field,
                                      const std::string& value) const;

  mutable std::mutex mutex_;  // never held across a wait: no method suspends
  std::map<TenantId, Entries> tenants_;
};

}  // namespace weir::data

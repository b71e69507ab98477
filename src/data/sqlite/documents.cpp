#include "data/sqlite/documents.h"

#include "data/document_cursor.h"
#include "data/sqlite/document_rows.h"
#include "data/sqlite/vector_rows.h"
#include "data/words.h"

namespace weir::data {
namespace {

// All of them in the caller's transaction.
Result<> replace(Connection& connection, const TenantId& tenant, const Document& document,
                 const std::vector<Chunk>& chunks, const DocumentVectors& vectors) {
  auto deleted = delete_document(connection, tenant, document.id);
  if (!deleted) return fail(deleted);
  auto inserted = insert_document(connection, tenant, document, chunks);
  if (!inserted) return inserted;
  if (!vectors.empty()) inserted = insert_vectors(connection, tenant, document.id, vectors);
  if (!inserted) return inserted;
  return note_change(connection, tenant, document.id);
}

Result<PutDocument> replace_by_source(Connection& connection, const TenantId& tenant, Document document,
                                      const std::vector<Chunk>& chunks, const DocumentVectors& vectors) {
  const bool has_source = !document.source.empty();
  auto known = select_document_by(connection, tenant, has_source ? "source" : "content_sha256",
                                  has_source ? document.source : document.content_sha256);
  if (!known) return fail(known);
  if (*known && (*known)->content_sha256 == document.content_sha256) {
    return PutDocument{std::move(**known), PutOutcome::unchanged};
  }
  if (*known) {
    document.id = std::move((*known)->id);
    document.created_at = (*known)->created_at;
  }
  document.chunk_count = static_cast<std::uint32_t>(chunks.size());
  auto replaced = replace(connection, tenant, document, chunks, vectors);
  if (!replaced) return fail(replaced);
  document.text.clear();
  return PutDocument{std::move(document), *known ? PutOutcome::updated : PutOutcome::created};
}

}  // namespace

SqliteDocuments::SqliteDocuments(SqliteDocumentsConfig config, Database& database)
    : database_(database),
      readers_("document read", config.read_threads, config.read_queue_max),
      writer_("document write", 1, config.write_queue_max) {}

void SqliteDocuments::stop() {
  readers_.stop();
  writer_.stop();
}

Task<Result<>> SqliteDocuments::put(TenantId tenant, Document document, std::vector<Chunk> chunks,
                                    DocumentVectors vectors) {
  auto checked = vectors.empty() ? Result<>() : check_document_vectors(vectors);
  if (!checked) co_return fail(checked);
  auto work = [&database = database_, tenant = std::move(tenant), document = std::move(document),
               chunks = std::move(chunks), vectors = std::move(vectors)] {
    return database.write(
        [&](Connection& connection) { return replace(connection, tenant, document, chunks, vectors); });
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<PutDocument>> SqliteDocuments::put_by_source(TenantId tenant, Document document,
                                                         std::vector<Chunk> chunks, DocumentVectors vectors) {
  auto checked = vectors.empty() ? Result<>() : check_document_vectors(vectors);
  if (!checked) co_return fail(checked);
  auto work = [&database = database_, tenant = std::move(tenant), document = std::move(document),
               chunks = std::move(chunks), vectors = std::move(vectors)] {
    return database.write([&](Connection& connection) {
      return replace_by_source(connection, tenant, document, chunks, vectors);
    });
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<Document>> SqliteDocuments::get(TenantId tenant, std::string id) {
  auto work = [&database = database_, tenant = std::move(tenant), id = std::move(id)] {
    return database.read([&](Connection& connection) { return select_document(connection, tenant, id); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<std::optional<Document>>> SqliteDocuments::find_by_hash(TenantId tenant,
                                                                    std::string content_sha256) {
  auto work = [&database = database_, tenant = std::move(tenant), hash = std::move(content_sha256)] {
    return database.read([&](Connection& connection) {
      return select_document_by(connection, tenant, "content_sha256", hash);
    });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<std::optional<Document>>> SqliteDocuments::find_by_source(TenantId tenant, std::string source) {
  auto work = [&database = database_, tenant = std::move(tenant), source = std::move(source)] {
    return database.read(
        [&](Connection& connection) { return select_document_by(connection, tenant, "source", source); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<DocumentPage>> SqliteDocuments::list(TenantId tenant, std::uint32_t limit, std::string cursor) {
  auto checked = check_page_limit(limit);
  if (!checked) co_return fail(checked);
  auto after = parse_document_cursor(cursor);
  if (!after) co_return fail(after);
  auto work = [&database = database_, tenant = std::move(tenant), limit, after = *std::move(after)] {
    return database.read(
        [&](Connection& connection) { return select_page(connection, tenant, limit, after); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<>> SqliteDocuments::remove(TenantId tenant, std::string id) {
  auto work = [&database = database_, tenant = std::move(tenant), id = std::move(id)] {
    return database.write([&](Connection& connection) -> Result<> {
      auto deleted = delete_document(connection, tenant, id);
      if (!deleted) return fail(deleted);
      if (!*deleted) return fail(Code::not_found, "there is no such document");
      return note_change(connection, tenant, id);
    });
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<std::uint64_t>> SqliteDocuments::count(TenantId tenant) {
  auto work = [&database = database_, tenant = std::move(tenant)] {
    return database.read([&](Connection& connection) { return count_documents(connection, tenant); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<std::vector<FoundChunk>>> SqliteDocuments::search_text(TenantId tenant, TextQuery query) {
  auto checked = check_page_limit(query.limit);
  if (!checked) co_return fail(checked);
  auto words = query_words(query.text);
  if (words.empty()) co_return std::vector<FoundChunk>();
  auto work = [&database = database_, tenant = std::move(tenant), words = std::move(words),
               query = std::move(query)] {
    return database.read(
        [&](Connection& connection) { return search_chunks(connection, tenant, words, query); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<std::vector<FoundChunk>>> SqliteDocuments::get_chunks(TenantId tenant,
                                                                  std::vector<ChunkKey> keys) {
  WEIR_ASSERT(keys.size() <= kPageLimitMax);
  auto work = [&database = database_, tenant = std::move(tenant), keys = std::move(keys)] {
    return database.read([&](Connection& connection) { return select_chunks(connection, tenant, keys); });
  };
  co_return co_await readers_.run(std::move(work));
}

Task<Result<std::vector<Chunk>>> SqliteDocuments::chunks_of(TenantId tenant, std::string document_id) {
  auto work = [&database = database_, tenant = std::move(tenant), id = std::move(document_id)] {
    return database.read([&](Connection& connection) { return select_chunks_of(connection, tenant, id); });
  };
  co_return co_await readers_.run(std::move(work));
}

}  // namespace weir::data

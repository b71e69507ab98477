#include "data/sqlite/document_rows.h"

#include <span>
#include <unordered_map>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "data/words.h"

namespace weir::data {
namespace {

// What read_document() reads, in its order.
constexpr std::string_view kColumns =
    "id, title, source, media_type, metadata_json, content_sha256, size_bytes, status,"
    " created_at, updated_at, chunk_count, collection";
constexpr int kColumnCount = 12;

Document read_document(const Statement& row) {
  Document document;
  document.id = row.text(0);
  document.title = row.text(1);
  document.source = row.text(2);
  document.media_type = row.text(3);
  document.metadata_json = row.text(4);
  document.content_sha256 = row.text(5);
  document.size_bytes = static_cast<std::uint64_t>(row.integer(6));
  document.status =
      row.text(7) == to_string(DocumentStatus::failed) ? DocumentStatus::failed : DocumentStatus::ready;
  document.created_at = WallTime(row.integer(8));
  document.updated_at = WallTime(row.integer(9));
  document.chunk_count = static_cast<std::uint32_t>(row.integer(10));
  document.collection = row.text(11);
  return document;
}

// One word for the whole tenant name, which itself may hold anything: the letters of the hash's hex
// form pass the index's tokenizer as they are, and 128 bits do not collide.
std::string scope_word(const TenantId& tenant) {
  const Sha256 digest = sha256(tenant.value());
  return "t" + to_hex(std::span(digest).first(16));
}

Result<> insert_chunks(Connection& connection, const TenantId& tenant, const Document& document,
                       const std::vector<Chunk>& chunks) {
  auto insert = connection.prepare(
      "INSERT INTO chunks (tenant, document_id, ordinal, begin_byte, end_byte, scope, title, heading,"
      " text, identifiers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  if (!insert) return fail(insert);
  const std::string scope = scope_word(tenant);
  for (const Chunk& chunk : chunks) {
    insert->bind(tenant.value(), document.id, chunk.ordinal, chunk.begin, chunk.end, scope, document.title,
                 chunk.heading, chunk.text, identifier_parts(chunk.heading + " " + chunk.text));
    auto inserted = insert->run();
    if (!inserted) return inserted;
  }
  return {};
}

// Every word as an FTS5 string, so that nothing in it is syntax (a word holds no quote, by query_words).
std::string match_expression(const TenantId& tenant, const std::vector<std::string>& words) {
  std::string expression = "scope : \"" + scope_word(tenant) + "\" AND {title heading text identifiers} : (";
  for (const std::string& word : words) {
    if (expression.back() != '(') expression += " OR ";
    expression += '"' + word + '"';
  }
  return expression + ")";
}

}  // namespace

Result<> insert_document(Connection& connection, const TenantId& tenant, const Document& document,
                         const std::vector<Chunk>& chunks) {
  auto insert = connection.prepare(
      "INSERT INTO documents (tenant, id, title, source, media_type, metadata_json, content_sha256,"
      " size_bytes, status, created_at, updated_at, chunk_count, text, collection)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
  if (!insert) return fail(insert);
  insert->bind(tenant.value(), document.id, document.title, document.source, document.media_type,
               document.metadata_json, document.content_sha256, document.size_bytes,
               to_string(document.status), document.created_at.count(), document.updated_at.count(),
               chunks.size(), document.text, document.collection);
  auto inserted = insert->run();
  if (!inserted) return inserted;
  return insert_chunks(connection, tenant, document, chunks);
}

Result<bool> delete_document(Connection& connection, const TenantId& tenant, std::string_view id) {
  auto chunks = connection.prepare("DELETE FROM chunks WHERE tenant = ?1 AND document_id = ?2");
  if (!chunks) return fail(chunks);
  chunks->bind(tenant.value(), id);
  auto deleted = chunks->run();
  if (!deleted) return fail(deleted);
  auto document = connection.prepare("DELETE FROM documents WHERE tenant = ?1 AND id = ?2");
  if (!document) return fail(document);
  document->bind(tenant.value(), id);
  deleted = document->run();
  if (!deleted) return fail(deleted);
  return connection.changed_rows() > 0;
}

Result<Document> select_document(Connection& connection, const TenantId& tenant, std::string_view id) {
  auto select = connection.prepare("SELECT " + std::string(kColumns) +
                                   ", text FROM documents WHERE tenant = ?1 AND id = ?2");
  if (!select) return fail(select);
  select->bind(tenant.value(), id);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return fail(Code::not_found, "there is no such document");
  Document document = read_document(*select);
  document.text = select->text(kColumnCount);
  return document;
}

Result<std::optional<Document>> select_document_by(Connection& connection, const TenantId& tenant,
                                                   std::string_view column, std::string_view value) {
  auto select =
      connection.prepare("SELECT " + std::string(kColumns) + " FROM documents WHERE tenant = ?1 AND " +
                         std::string(column) + " = ?2 ORDER BY created_at DESC, id DESC LIMIT 1");
  if (!select) return fail(select);
  select->bind(tenant.value(), value);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return std::optional<Document>();
  return std::optional(read_document(*select));
}

Result<DocumentPage> select_page(Connection& connection, const TenantId& tenant, std::uint32_t limit,
                                 const DocumentCursor& after) {
  auto select = connection.prepare("SELECT " + std::string(kColumns) +
                                   " FROM documents WHERE tenant = ?1 AND (created_at, id) < (?2, ?3)"
                                   " ORDER BY created_at DESC, id DESC LIMIT ?4");
  if (!select) return fail(select);
  const std::uint32_t one_more = limit + 1;  // tells whether there is a next page
  select->bind(tenant.value(), after.created_at.count(), after.id, one_more);
  DocumentPage page;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return page;
    if (page.documents.size() == limit) {
      const Document& last = page.documents.back();
      page.next_cursor = to_string(DocumentCursor{last.created_at, last.id});
      return page;
    }
    page.documents.push_back(read_document(*select));
  }
}

Result<std::uint64_t> count_documents(Connection& connection, const TenantId& tenant) {
  auto select = connection.prepare("SELECT count(*) FROM documents WHERE tenant = ?1");
  if (!select) return fail(select);
  select->bind(tenant.value());
  auto row = select->step();
  if (!row) return fail(row);
  return static_cast<std::uint64_t>(select->integer(0));
}

namespace {

// What read_found() reads, in its order.
constexpr std::string_view kFoundColumns =
    "chunks.document_id, chunks.ordinal, chunks.heading, chunks.text, chunks.begin_byte, chunks.end_byte,"
    " documents.title, documents.source";

Chunk read_chunk(const Statement& row) {
  Chunk chunk;
  chunk.document_id = row.text(0);
  chunk.ordinal = static_cast<std::uint32_t>(row.integer(1));
  chunk.id = chunk.document_id + "#" + std::to_string(chunk.ordinal);
  chunk.heading = row.text(2);
  chunk.text = row.text(3);
  chunk.begin = static_cast<std::uint64_t>(row.integer(4));
  chunk.end = static_cast<std::uint64_t>(row.integer(5));
  return chunk;
}

FoundChunk read_found(const Statement& row, double score) {
  return {read_chunk(row), row.text(6), row.text(7), score};
}

// Whether a document passes the filter; each is asked once, though it may have many passages.
class FilterMemory {
 public:
  explicit FilterMemory(const Filter& filter) : filter_(filter) {}
  bool passes(const std::string& document_id, const std::string& metadata_json) {
    const auto [known, first] = passed_.try_emplace(document_id, false);
    if (first) {
      const auto metadata = parse_json(metadata_json);
      known->second = metadata && metadata->is_object() && matches(filter_, metadata->get_object());
    }
    return known->second;
  }

 private:
  const Filter& filter_;
  std::unordered_map<std::string, bool> passed_;
};

}  // namespace

Result<std::vector<FoundChunk>> search_chunks(Connection& connection, const TenantId& tenant,
                                              const std::vector<std::string>& words, const TextQuery& query) {
  // The weights are those of the index's columns: scope tells nothing about relevance, title and heading
  // count double, the parts of an identifier half of a written word. The scope word already keeps other
  // tenants out; the join says so again in SQL. A narrowed search reads down the ranking until it has
  // enough, so that what is filtered out takes no place.
  const bool narrowed = !query.filter.empty() || !query.collection.empty();
  auto select = connection.prepare(
      "SELECT " + std::string(kFoundColumns) +
      ", -hits.rank, documents.metadata_json"
      " FROM (SELECT rowid AS number, rank FROM chunk_index"
      "  WHERE chunk_index MATCH ?1 AND rank MATCH 'bm25(0.0, 2.0, 2.0, 1.0, 0.5)'"
      "  ORDER BY rank LIMIT ?2) AS hits"
      " CROSS JOIN chunks ON chunks.number = hits.number AND chunks.tenant = ?3"
      " CROSS JOIN documents ON documents.tenant = ?3 AND documents.id = chunks.document_id" +
      (narrowed ? " WHERE ?4 = '' OR documents.collection = ?4" : " ORDER BY hits.rank, chunks.number"));
  if (!select) return fail(select);
  const std::int64_t rows_max = narrowed ? -1 : query.limit;
  if (narrowed) {
    select->bind(match_expression(tenant, words), rows_max, tenant.value(), query.collection);
  } else {
    select->bind(match_expression(tenant, words), rows_max, tenant.value());
  }
  FilterMemory filter(query.filter);
  std::vector<FoundChunk> found;
  while (found.size() < query.limit) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) break;
    // Zero: only the scope matched, because the index's older Unicode tables know none of the words.
    const double score = select->real(8);
    if (score <= 0) continue;
    if (!query.filter.empty() && !filter.passes(select->text(0), select->text(9))) continue;
    found.push_back(read_found(*select, score));
  }
  return found;
}

Result<std::vector<FoundChunk>> select_chunks(Connection& connection, const TenantId& tenant,
                                              const std::vector<ChunkKey>& keys) {
  auto select =
      connection.prepare("SELECT " + std::string(kFoundColumns) +
                         " FROM chunks JOIN documents ON documents.tenant = chunks.tenant AND"
                         " documents.id = chunks.document_id"
                         " WHERE chunks.tenant = ?1 AND chunks.document_id = ?2 AND chunks.ordinal = ?3");
  if (!select) return fail(select);
  std::vector<FoundChunk> found;
  for (const ChunkKey& key : keys) {
    select->bind(tenant.value(), key.document_id, key.ordinal);
    auto row = select->step();
    if (!row) return fail(row);
    if (*row) found.push_back(read_found(*select, 0));
  }
  return found;
}

Result<std::vector<Chunk>> select_chunks_of(Connection& connection, const TenantId& tenant,
                                            std::string_view document_id) {
  auto select = connection.prepare(
      "SELECT document_id, ordinal, heading, text, begin_byte, end_byte FROM chunks"
      " WHERE tenant = ?1 AND document_id = ?2 ORDER BY ordinal");
  if (!select) return fail(select);
  select->bind(tenant.value(), document_id);
  std::vector<Chunk> chunks;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return chunks;
    chunks.push_back(read_chunk(*select));
  }
}

}  // namespace weir::data

// data/sqlite/document_rows.h: the statements behind SqliteDocuments, each on a connection that the
// caller has in a transaction. Blocking.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "data/document_cursor.h"
#include "data/documents.h"
#include "data/sqlite/connection.h"

namespace weir::data {

Result<> insert_document(Connection& connection, const TenantId& tenant, const Document& document,
                         const std::vector<Chunk>& chunks);
// False: there was none.
Result<bool> delete_document(Connection& connection, const TenantId& tenant, std::string_view id);
Result<Document> select_document(Connection& connection, const TenantId& tenant, std::string_view id);
// The newest whose `column` (content_sha256 or source, never input) is `value`, without text.
Result<std::optional<Document>> select_document_by(Connection& connection, const TenantId& tenant,
                                                   std::string_view column, std::string_view value);
Result<DocumentPage> select_page(Connection& connection, const TenantId& tenant, std::uint32_t limit,
                                 const DocumentCursor& after);
Result<std::uint64_t> count_documents(Connection& connection, const TenantId& tenant);
// `words` as query_words() gives them; not empty. query.text is not looked at.
Result<std::vector<FoundChunk>> search_chunks(Connection& connection, const TenantId& tenant,
                                              const std::vector<std::string>& words, const TextQuery& query);
// As Documents::get_chunks and chunks_of.
Result<std::vector<FoundChunk>> select_chunks(Connection& connection, const TenantId& tenant,
                                              const std::vector<ChunkKey>& keys);
Result<std::vector<Chunk>> select_chunks_of(Connection& connection, const TenantId& tenant,
                                            std::string_view document_id);

}  // namespace weir::data

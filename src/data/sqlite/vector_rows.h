// data/sqlite/vector_rows.h: the statements behind SqliteVectors, each on a connection that the caller has
// in a transaction. Blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/embedding_progress.h"
#include "data/sqlite/connection.h"
#include "data/tenant.h"
#include "data/vectors.h"

namespace weir::data {

// A space's number in this database. Inserting gives it one; finding gives nothing for one unknown.
Result<std::int64_t> insert_space(Connection& connection, const VectorSpace& space);
Result<std::optional<std::int64_t>> find_space(Connection& connection, const VectorSpace& space);

// The vectors of a document whose passages stand in this transaction already, in place of those it has in
// their space. conflict: a place names no passage, or a passage has no vector.
Result<> insert_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id,
                        const DocumentVectors& vectors);
// As Vectors::upsert.
Result<> replace_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id,
                         std::string_view content_sha256, const DocumentVectors& vectors);
Result<> delete_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id);
Result<std::uint64_t> count_vectors(Connection& connection, const TenantId& tenant, std::int64_t space);

// Documents, of every tenant, without vectors in `space`, oldest first; at most `limit`.
Result<std::vector<DocumentName>> documents_without(Connection& connection, std::int64_t space,
                                                    std::uint32_t limit);
Result<std::uint64_t> count_without(Connection& connection, std::int64_t space);

// Every process that keeps vectors in memory learns from this log what has changed. Whoever changes a
// document or its vectors notes it, in the same transaction. The log keeps its last kChangesKept entries.
constexpr std::int64_t kChangesKept = 50'000;
Result<> note_change(Connection& connection, const TenantId& tenant, std::string_view document_id);
struct ChangeRange {
  std::int64_t first = 0;  // the oldest that is kept; 0: none
  std::int64_t last = 0;   // the newest there ever was
};
Result<ChangeRange> change_range(Connection& connection);
// Those after `after`, each document once.
Result<std::vector<DocumentName>> changed_since(Connection& connection, std::int64_t after);

// One vector as it is kept.
struct VectorRow {
  std::int64_t space = 0;
  VectorLevel level = VectorLevel::passage;
  std::uint32_t ordinal = 0;
  std::vector<std::uint16_t> halves;
};
struct DocumentRow {
  TenantId tenant;
  std::string document_id;
  std::string collection;
  std::string metadata_json;
  std::vector<VectorRow> vectors;
};
// The document with all its vectors; nullopt: it is gone.
Result<std::optional<DocumentRow>> read_document_vectors(Connection& connection, const DocumentName& name);
// Every document that has vectors, one after the other.
Result<> read_all_vectors(Connection& connection, const std::function<void(DocumentRow)>& take);
Result<std::vector<std::pair<std::int64_t, VectorSpace>>> read_spaces(Connection& connection);

}  // namespace weir::data

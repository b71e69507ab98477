#include "data/sqlite/vector_rows.h"

#include <bit>
#include <cstring>
#include <unordered_map>

#include "data/scan/kernels.h"

namespace weir::data {
namespace {

static_assert(std::endian::native == std::endian::little, "halves are kept as they stand in memory");

std::span<const std::byte> bytes_of(const std::vector<std::uint16_t>& halves) {
  return std::as_bytes(std::span(halves));
}

std::vector<std::uint16_t> halves_of(std::span<const std::byte> bytes) {
  std::vector<std::uint16_t> halves(bytes.size() / sizeof(std::uint16_t));
  std::memcpy(halves.data(), bytes.data(), halves.size() * sizeof(std::uint16_t));
  return halves;
}

// The number of each passage, by its ordinal.
Result<std::vector<std::int64_t>> chunk_numbers(Connection& connection, const TenantId& tenant,
                                                std::string_view document_id) {
  auto select =
      connection.prepare("SELECT number FROM chunks WHERE tenant = ?1 AND document_id = ?2 ORDER BY ordinal");
  if (!select) return fail(select);
  select->bind(tenant.value(), document_id);
  std::vector<std::int64_t> numbers;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return numbers;
    numbers.push_back(select->integer(0));
  }
}

std::unexpected<Error> other_passages() {
  return fail(Code::conflict, "the vectors are not those of the document's passages");
}

}  // namespace

Result<std::optional<std::int64_t>> find_space(Connection& connection, const VectorSpace& space) {
  auto select = connection.prepare(
      "SELECT number FROM vector_spaces WHERE model = ?1 AND revision = ?2 AND dimensions = ?3");
  if (!select) return fail(select);
  select->bind(space.model, space.revision, space.dimensions);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return std::optional<std::int64_t>();
  return std::optional(select->integer(0));
}

Result<std::int64_t> insert_space(Connection& connection, const VectorSpace& space) {
  auto insert = connection.prepare(
      "INSERT INTO vector_spaces (model, revision, dimensions) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
  if (!insert) return fail(insert);
  insert->bind(space.model, space.revision, space.dimensions);
  auto inserted = insert->run();
  if (!inserted) return fail(inserted);
  auto number = find_space(connection, space);
  if (!number) return fail(number);
  WEIR_ASSERT(number->has_value());
  return **number;
}

Result<> insert_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id,
                        const DocumentVectors& vectors) {
  auto space = insert_space(connection, vectors.space);
  if (!space) return fail(space);
  auto chunks = chunk_numbers(connection, tenant, document_id);
  if (!chunks) return fail(chunks);
  auto clear = connection.prepare(
      "DELETE FROM chunk_vectors WHERE space = ?3 AND chunk IN"
      " (SELECT number FROM chunks WHERE tenant = ?1 AND document_id = ?2)");
  if (!clear) return fail(clear);
  clear->bind(tenant.value(), document_id, *space);
  auto cleared = clear->run();
  if (!cleared) return cleared;
  auto insert = connection.prepare(
      "INSERT INTO chunk_vectors (chunk, space, level, position, halves) VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!insert) return fail(insert);
  std::vector<bool> has_vector(chunks->size());
  std::vector<std::int64_t> sentences(chunks->size());
  std::vector<std::uint16_t> halves(vectors.space.dimensions);
  for (std::size_t i = 0; i < vectors.places.size(); ++i) {
    const DocumentVectors::Place& place = vectors.places[i];
    if (place.ordinal >= chunks->size()) return other_passages();
    const bool whole = place.level == VectorLevel::passage;
    if (whole) has_vector[place.ordinal] = true;
    const std::int64_t position = whole ? 0 : sentences[place.ordinal]++;
    std::ranges::transform(vectors.row(i), halves.begin(), to_half);
    insert->bind_borrowed((*chunks)[place.ordinal], *space, static_cast<int>(place.level), position,
                          bytes_of(halves));
    auto inserted = insert->run();
    if (!inserted) return inserted;
  }
  if (std::ranges::find(has_vector, false) != has_vector.end()) return other_passages();
  auto note = connection.prepare(
      "INSERT INTO document_spaces (tenant, document_id, space) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
  if (!note) return fail(note);
  note->bind(tenant.value(), document_id, *space);
  return note->run();
}

Result<> replace_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id,
                         std::string_view content_sha256, const DocumentVectors& vectors) {
  auto select = connection.prepare("SELECT content_sha256 FROM documents WHERE tenant = ?1 AND id = ?2");
  if (!select) return fail(select);
  select->bind(tenant.value(), document_id);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return fail(Code::not_found, "there is no such document");
  if (select->text(0) != content_sha256) return fail(Code::conflict, "the document has another text by now");
  auto inserted = insert_vectors(connection, tenant, document_id, vectors);
  if (!inserted) return inserted;
  return note_change(connection, tenant, document_id);
}

Result<> delete_vectors(Connection& connection, const TenantId& tenant, std::string_view document_id) {
  for (const std::string_view sql : {"DELETE FROM chunk_vectors WHERE chunk IN"
                                     " (SELECT number FROM chunks WHERE tenant = ?1 AND document_id = ?2)",
                                     "DELETE FROM document_spaces WHERE tenant = ?1 AND document_id = ?2"}) {
    auto statement = connection.prepare(sql);
    if (!statement) return fail(statement);
    statement->bind(tenant.value(), document_id);
    auto run = statement->run();
    if (!run) return run;
  }
  return note_change(connection, tenant, document_id);
}

Result<std::uint64_t> count_vectors(Connection& connection, const TenantId& tenant, std::int64_t space) {
  auto select = connection.prepare(
      "SELECT count(*) FROM chunks JOIN chunk_vectors ON chunk_vectors.chunk = chunks.number"
      " WHERE chunks.tenant = ?1 AND chunk_vectors.space = ?2");
  if (!select) return fail(select);
  select->bind(tenant.value(), space);
  auto row = select->step();
  if (!row) return fail(row);
  return static_cast<std::uint64_t>(select->integer(0));
}

Result<std::vector<DocumentName>> documents_without(Connection& connection, std::int64_t space,
                                                    std::uint32_t limit) {
  auto select = connection.prepare(
      "SELECT tenant, id FROM documents WHERE status = 'ready' AND NOT EXISTS (SELECT 1 FROM document_spaces"
      " WHERE tenant = documents.tenant AND document_id = documents.id AND space = ?1)"
      " ORDER BY rowid LIMIT ?2");
  if (!select) return fail(select);
  select->bind(space, limit);
  std::vector<DocumentName> names;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return names;
    names.push_back({TenantId(select->text(0)), select->text(1)});
  }
}

Result<std::uint64_t> count_without(Connection& connection, std::int64_t space) {
  auto select = connection.prepare(
      "SELECT count(*) FROM documents WHERE status = 'ready' AND NOT EXISTS (SELECT 1 FROM document_spaces"
      " WHERE tenant = documents.tenant AND document_id = documents.id AND space = ?1)");
  if (!select) return fail(select);
  select->bind(space);
  auto row = select->step();
  if (!row) return fail(row);
  return static_cast<std::uint64_t>(select->integer(0));
}

Result<> note_change(Connection& connection, const TenantId& tenant, std::string_view document_id) {
  auto insert = connection.prepare("INSERT INTO document_changes (tenant, document_id) VALUES (?1, ?2)");
  if (!insert) return fail(insert);
  insert->bind(tenant.value(), document_id);
  auto inserted = insert->run();
  if (!inserted) return inserted;
  auto trim = connection.prepare(
      "DELETE FROM document_changes WHERE number <= (SELECT max(number) FROM document_changes) - ?1");
  if (!trim) return fail(trim);
  trim->bind(kChangesKept);
  return trim->run();
}

Result<ChangeRange> change_range(Connection& connection) {
  auto select = connection.prepare(
      "SELECT coalesce((SELECT min(number) FROM document_changes), 0),"
      " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'document_changes'), 0)");
  if (!select) return fail(select);
  select->bind();
  auto row = select->step();
  if (!row) return fail(row);
  return ChangeRange{select->integer(0), select->integer(1)};
}

Result<std::vector<DocumentName>> changed_since(Connection& connection, std::int64_t after) {
  auto select =
      connection.prepare("SELECT DISTINCT tenant, document_id FROM document_changes WHERE number > ?1");
  if (!select) return fail(select);
  select->bind(after);
  std::vector<DocumentName> names;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return names;
    names.push_back({TenantId(select->text(0)), select->text(1)});
  }
}

namespace {

VectorRow read_vector(const Statement& row, int first) {
  return {.space = row.integer(first),
          .level = row.integer(first + 1) == 0 ? VectorLevel::passage : VectorLevel::sentence,
          .ordinal = static_cast<std::uint32_t>(row.integer(first + 2)),
          .halves = halves_of(row.blob(first + 3))};
}

}  // namespace

Result<std::optional<DocumentRow>> read_document_vectors(Connection& connection, const DocumentName& name) {
  auto document =
      connection.prepare("SELECT collection, metadata_json FROM documents WHERE tenant = ?1 AND id = ?2");
  if (!document) return fail(document);
  document->bind(name.tenant.value(), name.document_id);
  auto found = document->step();
  if (!found) return fail(found);
  if (!*found) return std::optional<DocumentRow>();
  DocumentRow out{name.tenant, name.document_id, document->text(0), document->text(1), {}};
  auto select = connection.prepare(
      "SELECT chunk_vectors.space, chunk_vectors.level, chunks.ordinal, chunk_vectors.halves"
      " FROM chunks JOIN chunk_vectors ON chunk_vectors.chunk = chunks.number"
      " WHERE chunks.tenant = ?1 AND chunks.document_id = ?2"
      " ORDER BY chunk_vectors.space, chunk_vectors.level, chunks.ordinal, chunk_vectors.position");
  if (!select) return fail(select);
  select->bind(name.tenant.value(), name.document_id);
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return std::optional(std::move(out));
    out.vectors.push_back(read_vector(*select, 0));
  }
}

namespace {

// Where a passage of the database belongs, so that vectors are read in the order in which they lie.
struct ChunkHome {
  std::uint32_t document = 0;
  std::uint32_t ordinal = 0;
};

}  // namespace

Result<> read_all_vectors(Connection& connection, const std::function<void(DocumentRow)>& take) {
  std::vector<DocumentRow> documents;
  std::unordered_map<std::int64_t, ChunkHome> homes;
  auto chunks = connection.prepare(
      "SELECT chunks.number, chunks.tenant, chunks.document_id, chunks.ordinal FROM chunks"
      " ORDER BY chunks.tenant, chunks.document_id, chunks.ordinal");
  if (!chunks) return fail(chunks);
  chunks->bind();
  while (true) {
    auto row = chunks->step();
    if (!row) return fail(row);
    if (!*row) break;
    const std::string tenant = chunks->text(1);
    const std::string id = chunks->text(2);
    if (documents.empty() || documents.back().document_id != id ||
        documents.back().tenant.value() != tenant) {
      documents.push_back({TenantId(tenant), id, {}, {}, {}});
    }
    homes[chunks->integer(0)] = {static_cast<std::uint32_t>(documents.size() - 1),
                                 static_cast<std::uint32_t>(chunks->integer(3))};
  }
  auto select = connection.prepare("SELECT chunk, space, level, halves FROM chunk_vectors ORDER BY number");
  if (!select) return fail(select);
  select->bind();
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) break;
    const auto home = homes.find(select->integer(0));
    if (home == homes.end()) continue;  // the checker names it; a search has no use for it
    documents[home->second.document].vectors.push_back(
        {.space = select->integer(1),
         .level = select->integer(2) == 0 ? VectorLevel::passage : VectorLevel::sentence,
         .ordinal = home->second.ordinal,
         .halves = halves_of(select->blob(3))});
  }
  auto details =
      connection.prepare("SELECT collection, metadata_json FROM documents WHERE tenant = ?1 AND id = ?2");
  if (!details) return fail(details);
  for (DocumentRow& document : documents) {
    if (document.vectors.empty()) continue;
    details->bind(document.tenant.value(), document.document_id);
    auto row = details->step();
    if (!row) return fail(row);
    if (!*row) continue;
    document.collection = details->text(0);
    document.metadata_json = details->text(1);
    take(std::move(document));
  }
  return {};
}

Result<std::vector<std::pair<std::int64_t, VectorSpace>>> read_spaces(Connection& connection) {
  auto select =
      connection.prepare("SELECT number, model, revision, dimensions FROM vector_spaces ORDER BY number");
  if (!select) return fail(select);
  select->bind();
  std::vector<std::pair<std::int64_t, VectorSpace>> spaces;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return spaces;
    spaces.emplace_back(select->integer(0), VectorSpace{select->text(1), select->text(2),
                                                        static_cast<std::uint32_t>(select->integer(3))});
  }
}

}  // namespace weir::data

#include "data/sqlite/vectors.h"

namespace weir::data {
namespace {

// Vectors that one transaction removes when a space is given up: others write in between.
constexpr std::int64_t kRemovedAtOnce = 2'000;

Result<> mark_serving(Connection& connection, std::int64_t space) {
  auto update = connection.prepare("UPDATE vector_spaces SET serving = (number = ?1)");
  if (!update) return fail(update);
  update->bind(space);
  return update->run();
}

// True: there was something to remove. The tenants' documents are noted as changed, so that memory follows.
Result<bool> remove_some_others(Connection& connection, std::int64_t kept) {
  auto touched = connection.prepare(
      "INSERT INTO document_changes (tenant, document_id) SELECT DISTINCT tenant, document_id FROM chunks"
      " WHERE number IN (SELECT chunk FROM chunk_vectors WHERE space <> ?1 ORDER BY number LIMIT ?2)");
  if (!touched) return fail(touched);
  touched->bind(kept, kRemovedAtOnce);
  auto run = touched->run();
  if (!run) return fail(run);
  auto remove = connection.prepare(
      "DELETE FROM chunk_vectors WHERE number IN"
      " (SELECT number FROM chunk_vectors WHERE space <> ?1 ORDER BY number LIMIT ?2)");
  if (!remove) return fail(remove);
  remove->bind(kept, kRemovedAtOnce);
  run = remove->run();
  if (!run) return fail(run);
  return connection.changed_rows() > 0;
}

Result<> forget_others(Connection& connection, std::int64_t kept) {
  for (const std::string_view sql :
       {"DELETE FROM document_spaces WHERE space <> ?1", "DELETE FROM vector_spaces WHERE number <> ?1"}) {
    auto statement = connection.prepare(sql);
    if (!statement) return fail(statement);
    statement->bind(kept);
    auto run = statement->run();
    if (!run) return run;
  }
  return {};
}

Result<> serve_only(Database& database, const VectorSpace& space) {
  const auto number = database.write([&](Connection& connection) -> Result<std::int64_t> {
    auto known = insert_space(connection, space);
    if (!known) return fail(known);
    auto marked = mark_serving(connection, *known);
    if (!marked) return fail(marked);
    return *known;
  });
  if (!number) return fail(Error(number.error()));
  while (true) {
    auto removed =
        database.write([&](Connection& connection) { return remove_some_others(connection, *number); });
    if (!removed) return fail(removed);
    if (!*removed) break;
  }
  return database.write([&](Connection& connection) { return forget_others(connection, *number); });
}

Result<std::optional<VectorSpace>> select_serving(Connection& connection) {
  auto select = connection.prepare("SELECT model, revision, dimensions FROM vector_spaces WHERE serving = 1");
  if (!select) return fail(select);
  select->bind();
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return std::optional<VectorSpace>();
  return std::optional(
      VectorSpace{select->text(0), select->text(1), static_cast<std::uint32_t>(select->integer(2))});
}

}  // namespace

SqliteVectors::SqliteVectors(SqliteVectorsConfig config, Database& database)
    : database_(database),
      memory_(database),
      searchers_("vector search", config.search_threads, config.search_queue_max),
      writer_("vector write", 1, config.write_queue_max) {}

Task<Result<>> SqliteVectors::upsert(TenantId tenant, std::string document_id, std::string content_sha256,
                                     DocumentVectors vectors) {
  auto checked = check_document_vectors(vectors);
  if (!checked) co_return fail(checked);
  auto work = [this, tenant = std::move(tenant), document_id = std::move(document_id),
               content_sha256 = std::move(content_sha256), vectors = std::move(vectors)]() -> Result<> {
    auto written = database_.write([&](Connection& connection) {
      return replace_vectors(connection, tenant, document_id, content_sha256, vectors);
    });
    if (!written) return written;
    return memory_.catch_up();
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<>> SqliteVectors::remove(TenantId tenant, std::string document_id) {
  auto work = [this, tenant = std::move(tenant), document_id = std::move(document_id)]() -> Result<> {
    return database_.write(
        [&](Connection& connection) { return delete_vectors(connection, tenant, document_id); });
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<std::vector<VectorHit>>> SqliteVectors::search(TenantId tenant, VectorQuery query) {
  auto checked = check_vector_query(query);
  if (!checked) co_return fail(checked);
  auto work = [this, tenant = std::move(tenant),
               query = std::move(query)]() -> Result<std::vector<VectorHit>> {
    auto current = memory_.catch_up();
    if (!current) return fail(current);
    return memory_.search(tenant, query);
  };
  co_return co_await searchers_.run(std::move(work));
}

Task<Result<std::uint64_t>> SqliteVectors::count(TenantId tenant, VectorSpace space) {
  auto work = [this, tenant = std::move(tenant), space = std::move(space)] {
    return database_.read([&](Connection& connection) -> Result<std::uint64_t> {
      auto number = find_space(connection, space);
      if (!number) return fail(number);
      if (!*number) return std::uint64_t{0};
      return count_vectors(connection, tenant, **number);
    });
  };
  co_return co_await searchers_.run(std::move(work));
}

Task<Result<std::optional<VectorSpace>>> SqliteVectors::serving() {
  auto work = [this] {
    return database_.read([](Connection& connection) { return select_serving(connection); });
  };
  co_return co_await searchers_.run(std::move(work));
}

Task<Result<>> SqliteVectors::serve(VectorSpace space) {
  auto work = [this, space = std::move(space)]() -> Result<> {
    auto served = serve_only(database_, space);
    if (!served) return served;
    return memory_.catch_up();
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<std::vector<DocumentName>>> SqliteVectors::unembedded(VectorSpace space, std::uint32_t limit) {
  auto work = [this, space = std::move(space), limit] {
    return database_.read([&](Connection& connection) -> Result<std::vector<DocumentName>> {
      auto number = find_space(connection, space);
      if (!number) return fail(number);
      return documents_without(connection, number->value_or(0), limit);
    });
  };
  co_return co_await searchers_.run(std::move(work));
}

Task<Result<std::uint64_t>> SqliteVectors::count_unembedded(VectorSpace space) {
  auto work = [this, space = std::move(space)] {
    return database_.read([&](Connection& connection) -> Result<std::uint64_t> {
      auto number = find_space(connection, space);
      if (!number) return fail(number);
      return count_without(connection, number->value_or(0));
    });
  };
  co_return co_await searchers_.run(std::move(work));
}

}  // namespace weir::data

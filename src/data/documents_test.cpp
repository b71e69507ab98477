// Both implementations of Documents under their contract.
#include "contract/documents_contract.h"

#include "data/memory/documents.h"
#include "data/sqlite/documents.h"
#include "support/data_temporary_directory.h"

namespace weir::data {

TEST_CASE("documents in memory keep the contract") {
  MemoryDocuments store;
  test::DocumentsContract(store).run();
}

TEST_CASE("documents in SQLite keep the contract") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteDocuments store({}, **database);
  test::DocumentsContract(store).run();
}

TEST_CASE("the index of SQLite stems words and folds accents") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteDocuments store({}, **database);
  const TenantId tenant("acme");
  auto document = test::sample_document("doc_1", "Café", "text");
  auto chunks = test::sample_chunks("doc_1", {"Running servers"});
  REQUIRE(test::run_task(store.put(tenant, std::move(document), std::move(chunks))));
  CHECK(test::run_task(store.search_text(tenant, "run", 10))->size() == 1);
  CHECK(test::run_task(store.search_text(tenant, "a server", 10))->size() == 1);
  CHECK(test::run_task(store.search_text(tenant, "cafe", 10))->size() == 1);
  // A word of a script that SQLite's Unicode tables do not have: nothing, and not everything.
  CHECK(test::run_task(store.search_text(tenant, "𞤀𞤁𞤂", 10))->empty());
}

TEST_CASE("the index of SQLite agrees with the chunks after replacing and removing") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteDocuments store({}, **database);
  const TenantId tenant("acme");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      const std::string id = "doc_" + std::to_string(i);
      auto document = test::sample_document(id, "Round " + std::to_string(round), "text");
      auto chunks = test::sample_chunks(id, {"someWords here", "and there"});
      REQUIRE(test::run_task(store.put(tenant, std::move(document), std::move(chunks))));
    }
    REQUIRE(test::run_task(store.remove(tenant, "doc_1")));
  }
  // FTS5's own check compares each posting with the content table and fails when they differ.
  const auto checked = (*database)->write([](Connection& connection) {
    return connection.execute("INSERT INTO chunk_index (chunk_index, rank) VALUES ('integrity-check', 1)");
  });
  CHECK(checked.has_value());
}

}  // namespace weir::data

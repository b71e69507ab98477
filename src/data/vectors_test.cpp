// The embedded implementation of Vectors under its contract, and what it alone promises.
#include "contract/vectors_contract.h"

#include <thread>

#include "data/sqlite/documents.h"
#include "data/sqlite/vectors.h"
#include "support/data_temporary_directory.h"

namespace weir::data {
namespace {

struct Stores {
  explicit Stores(const std::filesystem::path& directory)
      : database(*Database::open({.directory = directory})),
        documents({}, *database),
        vectors({}, *database) {}
  std::unique_ptr<Database> database;
  SqliteDocuments documents;
  SqliteVectors vectors;
};

const TenantId kTenant("acme");

Result<> put(Stores& stores, const std::string& id, const std::vector<std::uint32_t>& seeds) {
  auto chunks = test::sample_chunks(id, std::vector<std::string>(seeds.size(), "words"));
  return test::run_task(stores.documents.put(kTenant, test::sample_document(id, "Title", "text"),
                                             std::move(chunks), test::sample_vectors(seeds)));
}

std::vector<std::string> nearest(Stores& stores, std::uint32_t seed, std::uint32_t limit = 1) {
  VectorQuery query{.space = test::kSampleSpace, .vector = test::sample_vector(seed), .limit = limit};
  std::vector<std::string> ids;
  const auto hits = test::run_task(stores.vectors.search(kTenant, std::move(query)));
  REQUIRE(hits);
  for (const VectorHit& hit : *hits) ids.push_back(hit.chunk_id());
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("vectors in SQLite keep the contract") {
  const test::TemporaryDirectory directory;
  Stores stores(directory.path());
  test::VectorsContract(stores.documents, stores.vectors).run();
}

TEST_CASE("vectors that are put with their document are found, and go with it") {
  const test::TemporaryDirectory directory;
  Stores stores(directory.path());
  REQUIRE(put(stores, "doc_1", {1, 2}));
  REQUIRE(put(stores, "doc_2", {3}));
  CHECK(nearest(stores, 2) == Ids{"doc_1#1"});
  REQUIRE(test::run_task(stores.documents.remove(kTenant, "doc_1")));
  CHECK(nearest(stores, 2, 10) == Ids{"doc_2#0"});
  CHECK(test::run_task(stores.vectors.count(kTenant, test::kSampleSpace)) == 1U);
  CHECK(put(stores, "doc_2", {}).has_value());
  CHECK(nearest(stores, 3, 10).empty());
}

TEST_CASE("a document whose vectors do not fit its passages is not put at all") {
  const test::TemporaryDirectory directory;
  Stores stores(directory.path());
  auto chunks = test::sample_chunks("doc_1", {"one", "two"});
  const auto outcome =
      test::run_task(stores.documents.put(kTenant, test::sample_document("doc_1", "Title", "text"),
                                          std::move(chunks), test::sample_vectors({1})));
  CHECK(outcome.error().code == Code::conflict);
  CHECK(test::run_task(stores.documents.get(kTenant, "doc_1")).error().code == Code::not_found);
}

TEST_CASE("what another process writes and removes is seen by the next search") {
  const test::TemporaryDirectory directory;
  Stores ours(directory.path());
  Stores theirs(directory.path());
  REQUIRE(put(ours, "doc_1", {1}));
  CHECK(nearest(theirs, 1) == Ids{"doc_1#0"});
  REQUIRE(put(theirs, "doc_2", {2}));
  CHECK(nearest(ours, 2) == Ids{"doc_2#0"});
  REQUIRE(test::run_task(theirs.documents.remove(kTenant, "doc_1")));
  CHECK(nearest(ours, 1, 10) == Ids{"doc_2#0"});
}

TEST_CASE("a restart finds the same") {
  const test::TemporaryDirectory directory;
  Ids before;
  {
    Stores stores(directory.path());
    for (std::uint32_t i = 0; i < 150; ++i) REQUIRE(put(stores, "doc_" + std::to_string(i), {i, i + 1'000}));
    for (std::uint32_t i = 0; i < 150; i += 3) {
      REQUIRE(test::run_task(stores.documents.remove(kTenant, "doc_" + std::to_string(i))));
    }
    before = nearest(stores, 77, 50);
  }
  Stores stores(directory.path());
  REQUIRE(stores.vectors.load());
  CHECK(stores.vectors.memory().size() == 200);
  CHECK(nearest(stores, 77, 50) == before);
}

TEST_CASE("a change of space is filled beside the one that serves, and swapped") {
  const test::TemporaryDirectory directory;
  Stores stores(directory.path());
  const VectorSpace next{"sample", "2", 70};
  REQUIRE(put(stores, "doc_1", {1}));
  REQUIRE(put(stores, "doc_2", {2}));
  CHECK(test::run_task(stores.vectors.serving())->has_value() == false);
  REQUIRE(test::run_task(stores.vectors.serve(test::kSampleSpace)));
  CHECK(test::run_task(stores.vectors.count_unembedded(test::kSampleSpace)) == 0U);
  CHECK(test::run_task(stores.vectors.count_unembedded(next)) == 2U);
  for (const DocumentName& name : *test::run_task(stores.vectors.unembedded(next, 10))) {
    REQUIRE(test::run_task(stores.vectors.upsert(name.tenant, name.document_id, "hash-of-" + name.document_id,
                                                 test::sample_vectors({50}, next))));
    CHECK(nearest(stores, 1) == Ids{"doc_1#0"});  // the old one serves
  }
  REQUIRE(test::run_task(stores.vectors.serve(next)));
  CHECK(*test::run_task(stores.vectors.serving()) == next);
  CHECK(test::run_task(stores.vectors.count(kTenant, test::kSampleSpace)) == 0U);
  CHECK(nearest(stores, 1).empty());
  CHECK(stores.vectors.memory().size() == 2);
}

TEST_CASE("searches go on beside writes, and see whole documents") {
  const test::TemporaryDirectory directory;
  Stores stores(directory.path());
  REQUIRE(put(stores, "doc_0", {0, 1}));
  std::thread writer([&] {
    for (std::uint32_t i = 0; i < 200; ++i) {
      auto chunks = test::sample_chunks("doc_1", {"one", "two"});
      CHECK(
          test::run_task(stores.documents.put(kTenant, test::sample_document("doc_1", "Title", "text"),
                                              std::move(chunks), test::sample_vectors({i * 2, i * 2 + 1}))));
    }
  });
  std::size_t torn = 0;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto found = nearest(stores, i, 10);
    torn += found.size() != 2 && found.size() != 4 ? 1 : 0;
  }
  writer.join();
  CHECK(torn == 0);
}

}  // namespace weir::data

#include "data/provider_objects.h"

#include "contract/provider_objects_contract.h"
#include "data/memory/provider_objects.h"
#include "data/sqlite/provider_objects.h"
#include "support/data_temporary_directory.h"

namespace weir::data {

TEST_CASE("provider objects in memory keep the contract") {
  MemoryProviderObjects objects;
  test::ProviderObjectsContract(objects).run();
}

TEST_CASE("provider objects in SQLite keep the contract") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteProviderObjects objects({}, **database);
  test::ProviderObjectsContract(objects).run();
}

TEST_CASE("owners in SQLite outlive the process") {
  const test::TemporaryDirectory directory;
  for (const bool first : {true, false}) {
    auto database = Database::open({.directory = directory.path()});
    REQUIRE(database);
    SqliteProviderObjects objects({}, **database);
    if (first) REQUIRE(test::run_task(objects.add(test::sample_object("file_1", "alice"))));
    const auto found = test::run_task(objects.find(ObjectKind::file, "file_1"));
    REQUIRE(found);
    CHECK(found->has_value());
  }
}

}  // namespace weir::data

#include "data/sqlite/ledger.h"

#include "contract/ledger_contract.h"
#include "support/data_temporary_directory.h"

namespace weir::data {

TEST_CASE("the ledger in SQLite keeps the contract") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteLedger ledger(**database);
  test::LedgerContract(ledger).run();
}

TEST_CASE("a batch that fails leaves nothing behind") {
  const test::TemporaryDirectory directory;
  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  SqliteLedger ledger(**database);
  REQUIRE((*database)->write([](Connection& connection) {
    return connection.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON ledger WHEN new.request_id = 'bad'"
        " BEGIN SELECT raise(ABORT, 'refused'); END");
  }));
  CHECK_FALSE(ledger.append({test::sample_row("good"), test::sample_row("bad")}));
  CHECK(ledger.totals()->rows == 0);
  CHECK(ledger.append({test::sample_row("good")}).has_value());
  CHECK(ledger.totals()->rows == 1);
}

}  // namespace weir::data

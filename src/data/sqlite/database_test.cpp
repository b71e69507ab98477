#include "data/sqlite/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "data/sqlite/migrations.h"
#include "support/data_temporary_directory.h"

namespace weir::data {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// An empty database file and a connection to it, without a schema.
Connection bare_connection(const std::filesystem::path& directory) {
  const auto file = directory / "bare.db";
  std::ofstream(file).close();
  auto connection = Connection::open(file, {});
  REQUIRE(connection);
  return *std::move(connection);
}

constexpr std::array kSteps = {Migration{"one", "CREATE TABLE one (x)"},
                               Migration{"two", "ALTER TABLE one RENAME TO two; INSERT INTO two VALUES (2)"}};

}  // namespace

TEST_CASE("a new database is its owner's alone, and durable") {
  const test::TemporaryDirectory parent;
  const auto directory = parent.path() / "a" / "b";
  auto database = Database::open({.directory = directory});
  REQUIRE(database);
  CHECK(mode_of(directory) == 0700);
  for (const char* name : {"weir.db", "weir.db-wal", "weir.db-shm"}) CHECK(mode_of(directory / name) == 0600);
  const auto checked = (*database)->write([](Connection& connection) -> Result<> {
    CHECK(connection.pragma("synchronous") == 2);  // FULL
    CHECK(connection.pragma("foreign_keys") == 1);
    CHECK(connection.pragma("busy_timeout") == 5'000);
    auto mode = connection.prepare("PRAGMA journal_mode");
    CHECK(mode->step() == true);
    CHECK(mode->text(0) == "wal");
    return {};
  });
  CHECK(checked.has_value());
}

TEST_CASE("many may open a new directory at once") {
  for (int round = 0; round < 10; ++round) {
    const test::TemporaryDirectory directory;
    std::atomic<int> opened{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto database = Database::open({.directory = directory.path(), .readers = 1});
        if (database) ++opened;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(opened == 8);
  }
}

TEST_CASE("a directory that cannot be is an error with a hint") {
  const test::TemporaryDirectory parent;
  std::ofstream(parent.path() / "file") << "not a directory";
  for (const auto& directory : {parent.path() / "file", parent.path() / "file" / "below"}) {
    const auto database = Database::open({.directory = directory});
    REQUIRE_FALSE(database);
    CHECK(database.error().message.find(directory.string()) != std::string::npos);
    CHECK_FALSE(database.error().hint.empty());
  }
}

TEST_CASE("a file that is no database is an error and stays as it is") {
  const test::TemporaryDirectory directory;
  const std::string content(8'192, 'x');
  std::ofstream(directory.path() / "weir.db") << content;
  const auto database = Database::open({.directory = directory.path()});
  REQUIRE_FALSE(database);
  CHECK(database.error().message.find("damaged") != std::string::npos);
  std::ifstream file(directory.path() / "weir.db");
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == content);
}

TEST_CASE("a reader does not wait for a write, and sees one state") {
  const test::TemporaryDirectory directory;
  auto opened = Database::open({.directory = directory.path(), .readers = 1});
  REQUIRE(opened);
  Database& database = **opened;
  const auto count = [](Connection& connection) -> Result<std::int64_t> {
    auto select = connection.prepare("SELECT count(*) FROM t");
    if (!select) return fail(select);
    auto row = select->step();
    if (!row) return fail(row);
    return select->integer(0);
  };
  REQUIRE(database.write([](Connection& connection) { return connection.execute("CREATE TABLE t (x)"); }));
  const auto wrote = database.write([&](Connection& connection) -> Result<> {
    auto inserted = connection.execute("INSERT INTO t VALUES (1)");
    CHECK(database.read(count) == 0);  // inside the write, from a reader
    return inserted;
  });
  CHECK(wrote.has_value());
  CHECK(database.read(count) == 1);
  const auto undone = database.write([&](Connection& connection) -> Result<> {
    CHECK(connection.execute("INSERT INTO t VALUES (2)").has_value());
    return fail(Code::conflict, "changed our mind");
  });
  CHECK(undone.error().code == Code::conflict);
  CHECK(database.read(count) == 1);
  const auto written_by_reader =
      database.read([](Connection& connection) { return connection.execute("INSERT INTO t VALUES (3)"); });
  CHECK_FALSE(written_by_reader);
}

TEST_CASE("migrations run in order, once each") {
  const test::TemporaryDirectory directory;
  Connection connection = bare_connection(directory.path());
  REQUIRE(migrate(connection, std::span(kSteps).first(1)));
  CHECK(connection.pragma("user_version") == 1);
  REQUIRE(migrate(connection, kSteps));
  REQUIRE(migrate(connection, kSteps));
  CHECK(connection.pragma("user_version") == 2);
  auto select = connection.prepare("SELECT count(*) FROM two");
  REQUIRE(select);
  CHECK(select->step() == true);
  CHECK(select->integer(0) == 1);
}

TEST_CASE("a migration that fails leaves the step before it") {
  constexpr std::array broken = {
      kSteps[0], Migration{"broken", "CREATE TABLE three (x); INSERT INTO nowhere VALUES (1)"}};
  const test::TemporaryDirectory directory;
  Connection connection = bare_connection(directory.path());
  const auto migrated = migrate(connection, broken);
  REQUIRE_FALSE(migrated);
  CHECK(migrated.error().message.find("broken") != std::string::npos);
  CHECK(connection.pragma("user_version") == 1);
  CHECK_FALSE(connection.prepare("SELECT * FROM three"));
  CHECK(migrate(connection, kSteps).has_value());
}

TEST_CASE("rows of the ledger survive its move to another order") {
  const auto before = std::ranges::find(schema_migrations(), "ledger by request", &Migration::name);
  const test::TemporaryDirectory directory;
  Connection connection = bare_connection(directory.path());
  REQUIRE(migrate(connection, {schema_migrations().begin(), before}));
  REQUIRE(connection.execute(
      "INSERT INTO ledger VALUES ('r2', 1, 'a', 'k', 'r', 'p', 'm', 1, 2, 3, 4, 5, 6, 0, 7,"
      " 'd', 200, '', 0, 8, 9, 1, 'up'), ('r1', 2, '', '', '', '', '', 0, 0, 0, 0, 0, 0, 0,"
      " 0, '', 0, '', 0, 0, 0, 0, '')"));
  REQUIRE(migrate(connection, schema_migrations()));
  auto select = connection.prepare("SELECT request_id, output_tokens, upstream_request_id FROM ledger");
  REQUIRE(select);
  REQUIRE(select->step() == true);
  CHECK(select->text(0) == "r1");
  REQUIRE(select->step() == true);
  CHECK(select->text(0) == "r2");
  CHECK(select->integer(1) == 5);
  CHECK(select->text(2) == "up");
}

TEST_CASE("a newer schema and a foreign file are refused") {
  const test::TemporaryDirectory directory;
  Connection connection = bare_connection(directory.path());
  REQUIRE(migrate(connection, kSteps));
  const auto newer = migrate(connection, std::span(kSteps).first(1));
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == Code::conflict);
  CHECK(newer.error().message == "the database has schema 2, and this Weir knows only 1");
  REQUIRE(connection.execute("PRAGMA application_id = 42"));
  CHECK(migrate(connection, kSteps).error().code == Code::conflict);
}

}  // namespace weir::data

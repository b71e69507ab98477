#include "data/sqlite/keys.h"

#include <atomic>
#include <thread>

#include "contract/keys_contract.h"
#include "support/data_temporary_directory.h"

namespace weir::data {
namespace {

// Keys in a directory, over a database of their own, as another process has them.
struct KeyProcess {
  KeyProcess(const std::filesystem::path& directory, const Clock& clock, Random& random)
      : database(*Database::open({.directory = directory, .readers = 1})),
        keys(*SqliteKeys::open({}, *database, clock, random)) {}
  std::unique_ptr<Database> database;
  std::unique_ptr<SqliteKeys> keys;
};

const TenantId kAcme("acme");

}  // namespace

TEST_CASE("keys in SQLite keep the contract") {
  const test::TemporaryDirectory directory;
  ManualClock clock;
  SystemRandom random;
  const KeyProcess process(directory.path(), clock, random);
  test::KeysContract(*process.keys, clock).run();
}

TEST_CASE("a token has the form that the header promises") {
  SeededRandom random(3);
  const Secret token = make_key_token("live", new_key_id(random), new_key_secret(random));
  const auto parts = split(token.reveal(), '_');
  REQUIRE(parts.size() == 5);
  CHECK(parts[1] == "live");
  CHECK(parts[2].size() == 12);
  CHECK(parts[3].size() == 43);
  CHECK(parts[4].size() == 6);
  REQUIRE(parse_key_token(token.reveal()));
  CHECK(parse_key_token(token.reveal())->secret == parts[3]);
}

TEST_CASE("keys outlive the process that made them") {
  const test::TemporaryDirectory directory;
  ManualClock clock;
  SystemRandom random;
  Secret token;
  {
    const KeyProcess process(directory.path(), clock, random);
    token = *process.keys->create("laptop", kAcme, {}, WallTime{});
  }
  const KeyProcess process(directory.path(), clock, random);
  CHECK(process.keys->verify(token.reveal()));
}

TEST_CASE("a refresh sees what another process did, and only that") {
  const test::TemporaryDirectory directory;
  ManualClock clock;
  SystemRandom random;
  const KeyProcess server(directory.path(), clock, random);
  const KeyProcess command_line(directory.path(), clock, random);

  const Secret token = *command_line.keys->create("laptop", kAcme, {}, WallTime{});
  CHECK_FALSE(server.keys->verify(token.reveal()));
  CHECK(server.keys->refresh_if_changed() == true);
  CHECK(server.keys->verify(token.reveal()));
  CHECK(server.keys->refresh_if_changed() == false);

  const std::string id = server.keys->verify(token.reveal())->key_id;
  REQUIRE(command_line.keys->revoke(id));
  CHECK(server.keys->refresh_if_changed() == true);
  CHECK_FALSE(server.keys->verify(token.reveal()));

  REQUIRE(server.keys->create("own", kAcme, {}, WallTime{}));
  CHECK(server.keys->refresh_if_changed() == false);  // its own writes are in its table already
}

TEST_CASE("verifying goes on while keys change") {
  const test::TemporaryDirectory directory;
  ManualClock clock;
  SystemRandom random;
  const KeyProcess process(directory.path(), clock, random);
  const Secret token = *process.keys->create("steady", kAcme, {}, WallTime{});
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  std::thread reader([&] {
    while (!stop) refused += process.keys->verify(token.reveal()).has_value() ? 0 : 1;
  });
  for (int i = 0; i < 20; ++i) {
    const Secret other = *process.keys->create("other", kAcme, {}, WallTime{});
    CHECK(process.keys->revoke(process.keys->verify(other.reveal())->key_id).has_value());
  }
  stop = true;
  reader.join();
  CHECK(refused == 0);
}

}  // namespace weir::data

#include "data/sqlite/migrations.h"

namespace weir::data {
namespace {

// "weir" in ASCII; `file` and the sqlite3 shell show it.
constexpr std::int64_t kApplicationId = 0x77656972;

Result<> check_owner(Connection& connection) {
  auto application = connection.pragma("application_id");
  if (!application) return fail(application);
  if (*application == 0 || *application == kApplicationId) return {};
  return fail(Code::conflict, "the database file belongs to another program",
              "choose another data directory");
}

// True: one step was run. False: nothing was left to do.
Result<bool> run_next(Connection& connection, std::span<const Migration> migrations) {
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction) return fail(transaction);
  // Read inside the transaction: another process may just have run this step.
  auto version = connection.pragma("user_version");
  if (!version) return fail(version);
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (*version > known) {
    return fail(Code::conflict,
                "the database has schema " + std::to_string(*version) + ", and this Weir knows only " +
                    std::to_string(known),
                "start the newer Weir that wrote it, or restore a backup from before the upgrade");
  }
  if (*version == known) return false;
  const Migration& next = migrations[static_cast<std::size_t>(*version)];
  auto run =
      connection.execute(std::string(next.sql) + ";PRAGMA application_id=" + std::to_string(kApplicationId) +
                         ";PRAGMA user_version=" + std::to_string(*version + 1));
  if (!run) {
    Error error = std::move(run.error());
    error.message = "schema step \"" + std::string(next.name) + "\": " + error.message;
    return fail(std::move(error));
  }
  auto committed = transaction->commit();
  if (!committed) return fail(committed);
  return true;
}

}  // namespace

Result<> migrate(Connection& connection, std::span<const Migration> migrations) {
  auto owned = check_owner(connection);
  if (!owned) return owned;
  while (true) {
    auto ran = run_next(connection, migrations);
    if (!ran) return fail(ran);
    if (!*ran) return {};
  }
}

}  // namespace weir::data

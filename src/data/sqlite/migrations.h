// data/sqlite/migrations.h: the schema as numbered steps. A step that has been released never changes:
// the next change is a new step at the end.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "data/sqlite/connection.h"

namespace weir::data {

struct Migration {
  std::string_view name;
  std::string_view sql;
};

// Weir's own, in order. The schema's version (PRAGMA user_version) is how many of them have run.
std::span<const Migration> schema_migrations();

// Runs those that have not run yet, each in a transaction of its own together with its number: after a
// crash or a failure the database stands exactly between two steps. Several processes may call at once.
// conflict: the file has a newer schema than `migrations` knows, or belongs to another program.
Result<> migrate(Connection& connection, std::span<const Migration> migrations);

}  // namespace weir::data

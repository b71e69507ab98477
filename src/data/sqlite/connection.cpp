#include "data/sqlite/connection.h"

namespace weir::data {

Error sqlite_error(int code, std::string_view message) {
  const std::string said(message);
  switch (code & 0xFF) {  // the primary code of an extended one
    case SQLITE_BUSY:
    case SQLITE_LOCKED: {
      Error error(Code::overloaded, "the database is busy: " + said, "try again in a moment");
      error.retry_after_ms = 1'000;
      return error;
    }
    case SQLITE_FULL:
      return Error(Code::internal, "the disk under the database is full: " + said,
                   "free some space; nothing that was acknowledged is lost");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(Code::internal, "the database file is damaged or is no SQLite database: " + said,
                   "move the file away and restore a backup");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return Error(Code::internal, "the database cannot be written: " + said,
                   "check the owner, the mode and the mount of the data directory");
    case SQLITE_IOERR:
      return Error(Code::internal, "the disk under the database failed: " + said,
                   "look at the system log; nothing that was acknowledged depends on the failed write");
    default: return Error(Code::internal, "database: " + said);
  }
}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  rewind();
  sqlite3_clear_bindings(handle_);
}

void Statement::rewind() {
  sqlite3_reset(handle_);  // repeats the error of the last step, which step() has told already
  bound_ = SQLITE_OK;
}

void Statement::bind_one(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty view may have one.
  const char* const bytes = value.data() == nullptr ? "" : value.data();
  note(sqlite3_bind_text64(handle_, index, bytes, value.size(), text_life_, SQLITE_UTF8));
}

void Statement::bind_one(int index, std::span<const std::byte> value) {
  const void* const bytes = value.data() == nullptr ? static_cast<const void*>("") : value.data();
  note(sqlite3_bind_blob64(handle_, index, bytes, value.size(), text_life_));
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* const bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

Result<bool> Statement::step() {
  if (bound_ != SQLITE_OK) return fail(sqlite_error(bound_, sqlite3_errstr(bound_)));
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(sqlite_error(code, sqlite3_errmsg(sqlite3_db_handle(handle_))));
}

Result<> Statement::run() {
  auto stepped = step();
  if (!stepped) return fail(stepped);
  return {};
}

std::string Statement::text(int column) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

Result<Connection> Connection::open(const std::filesystem::path& file, ConnectionConfig config) {
  sqlite3* handle = nullptr;
  // No mutex of SQLite's: one thread at a time is this class's rule.
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  Connection connection(handle);  // SQLite gives a handle also when it fails
  if (code != SQLITE_OK) return fail(sqlite_error(code, file.string() + ": " + sqlite3_errstr(code)));
  sqlite3_busy_timeout(handle, static_cast<int>(config.busy_timeout.count()));
  // synchronous=FULL: every commit reaches the disk before it is acknowledged. NORMAL loses the last
  // ones in a power cut. The journal is cut back to its limit after a burst.
  std::string settings =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
      "PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=67108864;";
  if (config.read_only) settings += "PRAGMA query_only=ON;";
  auto set = connection.execute(settings);
  if (!set) return fail(set);
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(code, sqlite3_errmsg(handle_.get())));
    found = statements_.emplace(std::string(sql), handle).first;
  }
  WEIR_ASSERT(sqlite3_stmt_busy(found->second.get()) == 0);  // one loan at a time
  return Statement(found->second.get());
}

Result<> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(code, sqlite3_errmsg(handle_.get())));
  return {};
}

Result<std::int64_t> Connection::pragma(std::string_view name) {
  auto statement = prepare("PRAGMA " + std::string(name));
  if (!statement) return fail(statement);
  auto row = statement->step();
  if (!row) return fail(row);
  return *row ? statement->integer(0) : 0;
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  auto begun = connection.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return fail(begun);
  return Transaction(connection);
}

Transaction::~Transaction() {
  // After a full disk or a failed write SQLite has rolled back by itself.
  if (connection_ != nullptr && connection_->in_transaction()) {
    static_cast<void>(connection_->execute("ROLLBACK"));
  }
}

Result<> Transaction::commit() {
  return connection_->execute("COMMIT");
}

}  // namespace weir::data

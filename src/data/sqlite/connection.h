// data/sqlite/connection.h: one SQLite connection and its prepared statements, with failures as values.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::data {

// A prepared statement on loan from its connection's cache; it goes back, reset, when this object ends.
// A failed bind shows at the next step.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;

  // Binds the arguments to ?1, ?2, …, always all that the statement has; text is copied.
  template <class... Arguments>
  void bind(const Arguments&... arguments) {
    rewind();
    text_life_ = SQLITE_TRANSIENT;
    int index = 0;
    (bind_one(++index, arguments), ...);
  }
  // The same without the copies: text must stay until the last step. For rows by the thousand.
  template <class... Arguments>
  void bind_borrowed(const Arguments&... arguments) {
    rewind();
    text_life_ = SQLITE_STATIC;
    int index = 0;
    (bind_one(++index, arguments), ...);
  }
  // True: a row is there. False: done.
  Result<bool> step();
  // For statements without rows.
  Result<> run();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  double real(int column) const { return sqlite3_column_double(handle_, column); }
  std::string text(int column) const;
  std::span<const std::byte> blob(int column) const;  // until the next step

 private:
  void rewind();
  template <std::integral I>
  void bind_one(int index, I value) {
    note(sqlite3_bind_int64(handle_, index, static_cast<std::int64_t>(value)));
  }
  void bind_one(int index, std::string_view value);
  void bind_one(int index, std::span<const std::byte> value);
  void note(int code) {
    if (bound_ == SQLITE_OK) bound_ = code;
  }

  sqlite3_stmt* handle_;
  int bound_ = SQLITE_OK;  // the first failure of the binds
  sqlite3_destructor_type text_life_ = SQLITE_TRANSIENT;
};

struct ConnectionConfig {
  std::chrono::milliseconds busy_timeout{5'000};  // how long to wait for another process's write
  bool read_only = false;
};

// Used by one thread at a time; whoever owns it sees to that.
class Connection {
 public:
  // The file must exist (Database creates it with its mode).
  static Result<Connection> open(const std::filesystem::path& file, ConnectionConfig config);

  // `sql` is a literal of ours: the cache of statements grows with the number of different texts.
  Result<Statement> prepare(std::string_view sql);
  // Any number of statements without arguments, rows ignored.
  Result<> execute(const std::string& sql);
  Result<std::int64_t> pragma(std::string_view name);  // of those that answer one integer
  std::int64_t changed_rows() const { return sqlite3_changes64(handle_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  explicit Connection(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

// BEGIN IMMEDIATE (a deferred transaction that turns to writing meets SQLITE_BUSY without waiting), or
// a plain BEGIN for a consistent view of several reads. Rolled back unless committed.
class Transaction {
 public:
  enum class Kind : std::uint8_t { read, write };
  static Result<Transaction> begin(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Result<> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// What SQLite said, as the operator can act on it: a full disk, a damaged file, a busy database.
Error sqlite_error(int code, std::string_view message);

}  // namespace weir::data

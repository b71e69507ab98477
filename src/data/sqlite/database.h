// data/sqlite/database.h: the database file of a data directory, <directory>/weir.db: one connection
// that writes, a few that read. In WAL mode readers and the writer do not wait for each other.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "data/sqlite/connection.h"

namespace weir::data {

struct DatabaseConfig {
  std::filesystem::path directory;  // created with mode 0700 when it is absent
  std::chrono::milliseconds busy_timeout{5'000};
  std::uint32_t readers = 3;  // connections; 1 or more
};

// Safe to call from any thread. Everything here blocks: from a loop, go through a net::WorkerPool.
class Database {
 public:
  // Creates (mode 0600) or opens the file and brings its schema up to date. Errors say what is wrong
  // with the directory, the disk or the file; conflict: see migrate().
  static Result<std::unique_ptr<Database>> open(DatabaseConfig config);

  // Runs `work(connection)`, which returns a Result, in one write transaction: committed and on the
  // disk when this returns a value, undone when it returns an error.
  template <class Work>
  std::invoke_result_t<Work, Connection&> write(Work work) {
    const std::lock_guard lock(writer_mutex_);
    auto transaction = Transaction::begin(writer_, Transaction::Kind::write);
    if (!transaction) return fail(transaction);
    auto outcome = work(writer_);
    if (!outcome) return outcome;
    auto committed = transaction->commit();
    if (!committed) return fail(committed);
    return outcome;
  }

  // Runs `work(connection)` on a reader; all its statements see one state of the database.
  template <class Work>
  std::invoke_result_t<Work, Connection&> read(Work work) {
    const Lease lease(*this);
    auto transaction = Transaction::begin(lease.connection, Transaction::Kind::read);
    if (!transaction) return fail(transaction);
    return work(lease.connection);
  }

  // A number that differs from the last call's when another process has committed in between.
  Result<std::int64_t> data_version();
  const std::filesystem::path& file() const { return file_; }

 private:
  Database(std::filesystem::path file, Connection writer, std::vector<Connection> readers);

  struct Lease {
    explicit Lease(Database& owner) : database(owner), connection(owner.take_reader()) {}
    ~Lease() { database.return_reader(connection); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Database& database;
    Connection& connection;
  };
  Connection& take_reader();
  void return_reader(Connection& reader);

  const std::filesystem::path file_;
  std::mutex writer_mutex_;
  Connection writer_;
  std::mutex readers_mutex_;
  std::condition_variable reader_returned_;
  std::vector<Connection> readers_;
  std::vector<Connection*> idle_readers_;
};

}  // namespace weir::data

#include "data/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "data/sqlite/migrations.h"

namespace weir::data {
namespace {

std::unexpected<Error> fail_errno(const std::string& what, const std::filesystem::path& path) {
  const std::string reason = std::generic_category().message(errno);
  return fail(Code::internal, what + " " + path.string() + ": " + reason,
              "check the owner, the mode and the free space of the data directory, or choose another one");
}

// The entry of a new file or directory is on the disk only when the directory that holds it is.
void sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // a parent we may pass through and not read: its owner's business
  ::fsync(fd);
  ::close(fd);
}

Result<> make_directory(const std::filesystem::path& directory) {
  std::error_code ignored;  // mkdir below tells what matters
  const std::filesystem::path parent = std::filesystem::absolute(directory).lexically_normal().parent_path();
  std::filesystem::create_directories(parent, ignored);
  if (::mkdir(directory.c_str(), 0700) == 0) {
    sync_directory(parent);
    return {};
  }
  if (errno == EEXIST && std::filesystem::is_directory(directory, ignored)) return {};
  return fail_errno("cannot create the data directory", directory);
}

// SQLite gives its journals the mode of the database file, so this one mode is enough.
Result<> make_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail_errno("cannot open the database", file);
  ::close(fd);
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(DatabaseConfig config) {
  WEIR_ASSERT(config.readers >= 1);
  auto directory = make_directory(config.directory);
  if (!directory) return fail(directory);
  const std::filesystem::path file = config.directory / "weir.db";
  auto made = make_file(file);
  if (!made) return fail(made);

  auto writer = Connection::open(file, {.busy_timeout = config.busy_timeout});
  if (!writer) return fail(writer);
  auto migrated = migrate(*writer, schema_migrations());
  if (!migrated) return fail(migrated);
  std::vector<Connection> readers;
  for (std::uint32_t i = 0; i < config.readers; ++i) {
    auto reader = Connection::open(file, {.busy_timeout = config.busy_timeout, .read_only = true});
    if (!reader) return fail(reader);
    readers.push_back(*std::move(reader));
  }
  return std::unique_ptr<Database>(new Database(file, *std::move(writer), std::move(readers)));
}

Database::Database(std::filesystem::path file, Connection writer, std::vector<Connection> readers)
    : file_(std::move(file)), writer_(std::move(writer)), readers_(std::move(readers)) {
  for (Connection& reader : readers_) idle_readers_.push_back(&reader);
}

Result<std::int64_t> Database::data_version() {
  // The writer's own view: what this process commits through it does not count as a change.
  const std::lock_guard lock(writer_mutex_);
  return writer_.pragma("data_version");
}

Connection& Database::take_reader() {
  std::unique_lock lock(readers_mutex_);
  // Unbounded in form only: a reader is away for one query, and the pools bound how many wait.
  reader_returned_.wait(lock, [this] { return !idle_readers_.empty(); });
  Connection& reader = *idle_readers_.back();
  idle_readers_.pop_back();
  return reader;
}

void Database::return_reader(Connection& reader) {
  {
    const std::lock_guard lock(readers_mutex_);
    idle_readers_.push_back(&reader);
  }
  reader_returned_.notify_one();
}

}  // namespace weir::data

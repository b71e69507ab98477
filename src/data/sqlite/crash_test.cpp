// A child process writes and tells through a pipe what was acknowledged; the parent kills it at a
// random moment and looks into the database. kill -9 keeps the page cache, so this tests transactions
// and recovery; that commits reach the disk is the synchronous setting's matter (database_test.cpp).
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>

#include "base/random.h"
#include "contract/documents_contract.h"
#include "contract/ledger_contract.h"
#include "data/sqlite/documents.h"
#include "data/sqlite/ledger.h"
#include "support/data_temporary_directory.h"

namespace weir::data {
namespace {

constexpr int kKills = 20;
constexpr int kRowsPerBatch = 10;
const TenantId kTenant("acme");

// Called in the child: says that number `batch` is acknowledged.
using Acknowledge = std::function<void(int batch)>;

// Runs `work` in a child; kills it `after` from its first acknowledgement, unless it ends by itself.
// The acknowledged batches, in order.
std::vector<int> run_and_kill(const std::function<void(const Acknowledge&)>& work,
                              std::chrono::milliseconds after) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    work([&](int batch) {
      if (::write(ends[1], &batch, sizeof batch) != sizeof batch) ::_exit(1);
    });
    ::_exit(0);
  }
  ::close(ends[1]);
  struct pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
  ::poll(&readable, 1, 30'000);
  readable.events = 0;  // only that the child has ended, which closes its side
  ::poll(&readable, 1, static_cast<int>(after.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::vector<int> acknowledged;
  int batch = 0;
  while (::read(ends[0], &batch, sizeof batch) == sizeof batch) acknowledged.push_back(batch);
  ::close(ends[0]);
  return acknowledged;
}

std::vector<LedgerRow> batch_rows(int batch) {
  std::vector<LedgerRow> rows;
  for (int i = 0; i < kRowsPerBatch; ++i) {
    rows.push_back(test::sample_row(std::to_string(batch) + "-" + std::to_string(i)));
  }
  return rows;
}

void append_batches(const std::filesystem::path& directory, int first, const Acknowledge& acknowledge) {
  auto database = Database::open({.directory = directory});
  if (!database) ::_exit(1);
  SqliteLedger ledger(**database);
  for (int batch = first; ledger.append(batch_rows(batch)); ++batch) acknowledge(batch);
}

void put_documents(const std::filesystem::path& directory, int first, const Acknowledge& acknowledge) {
  auto database = Database::open({.directory = directory});
  if (!database) ::_exit(1);
  SqliteDocuments documents({}, **database);
  for (int batch = first;; ++batch) {
    const std::string id = "doc_" + std::to_string(batch);
    auto document = test::sample_document(id, "Title", std::string(20'000, 'x'));
    auto chunks = test::sample_chunks(id, {"first passage", "second passage", "third passage"});
    if (!test::run_task(documents.put(kTenant, std::move(document), std::move(chunks)))) return;
    acknowledge(batch);
  }
}

std::string integrity_of(Database& database) {
  auto answer = database.read([](Connection& connection) -> Result<std::string> {
    auto check = connection.prepare("PRAGMA integrity_check");
    if (!check) return fail(check);
    auto row = check->step();
    if (!row) return fail(row);
    return check->text(0);
  });
  return answer ? *answer : answer.error().message;
}

}  // namespace

TEST_CASE("kill -9 loses no acknowledged ledger row and leaves no half batch") {
  const test::TemporaryDirectory directory;
  SeededRandom random(11);
  std::vector<int> acknowledged;
  int next = 0;
  for (int round = 0; round < kKills; ++round) {
    const auto work = [&](const Acknowledge& acknowledge) {
      append_batches(directory.path(), next, acknowledge);
    };
    const auto batches = run_and_kill(work, std::chrono::milliseconds(random.next_u64() % 40));
    REQUIRE_FALSE(batches.empty());
    acknowledged.insert(acknowledged.end(), batches.begin(), batches.end());
    next = batches.back() + 1;

    auto database = Database::open({.directory = directory.path()});
    REQUIRE(database);
    CHECK(integrity_of(**database) == "ok");
    SqliteLedger ledger(**database);
    const auto rows = ledger.totals()->rows;
    // The last batch may have been committed and not yet told; it is then repeated without effect.
    CHECK(rows % kRowsPerBatch == 0);
    CHECK(rows >= acknowledged.size() * kRowsPerBatch);
    CHECK(rows <= (acknowledged.size() + 1) * kRowsPerBatch);
    for (const int batch : batches) {
      for (const LedgerRow& row : batch_rows(batch)) REQUIRE(ledger.find(row.request_id));
    }
  }
}

TEST_CASE("kill -9 loses no acknowledged document and leaves no half of one") {
  const test::TemporaryDirectory directory;
  SeededRandom random(12);
  int next = 0;
  for (int round = 0; round < kKills; ++round) {
    const auto work = [&](const Acknowledge& acknowledge) {
      put_documents(directory.path(), next, acknowledge);
    };
    const auto batches = run_and_kill(work, std::chrono::milliseconds(random.next_u64() % 40));
    REQUIRE_FALSE(batches.empty());
    next = batches.back() + 1;

    auto database = Database::open({.directory = directory.path()});
    REQUIRE(database);
    CHECK(integrity_of(**database) == "ok");
    const auto index = (*database)->write([](Connection& connection) {
      return connection.execute("INSERT INTO chunk_index (chunk_index, rank) VALUES ('integrity-check', 1)");
    });
    CHECK(index.has_value());
    const auto strays = (*database)->read([](Connection& connection) -> Result<std::int64_t> {
      auto count =
          connection.prepare("SELECT (SELECT count(*) FROM chunks) - 3 * (SELECT count(*) FROM documents)");
      if (!count) return fail(count);
      auto row = count->step();
      if (!row) return fail(row);
      return count->integer(0);
    });
    CHECK(strays == 0);
    SqliteDocuments documents({}, **database);
    CHECK(*test::run_task(documents.count(kTenant)) >= static_cast<std::uint64_t>(next));
    for (const int batch : batches) {
      const auto got = test::run_task(documents.get(kTenant, "doc_" + std::to_string(batch)));
      REQUIRE(got);
      CHECK(got->text.size() == 20'000);
    }
  }
}

TEST_CASE("a disk that fills up refuses, and keeps what it acknowledged") {
  const test::TemporaryDirectory directory;
  const auto work = [&](const Acknowledge& acknowledge) {
    auto database = Database::open({.directory = directory.path()});
    if (!database) ::_exit(1);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 600'000, .rlim_max = 600'000};  // no file grows beyond
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    SqliteLedger ledger(**database);
    int batch = 0;
    while (ledger.append(batch_rows(batch))) acknowledge(batch++);
    // Refused once, refused again, and reading still works.
    const bool as_it_should = !ledger.append(batch_rows(batch)) && ledger.totals().has_value();
    acknowledge(as_it_should ? -1 : -2);
  };
  auto batches = run_and_kill(work, std::chrono::seconds(30));
  REQUIRE(batches.size() > 10);
  CHECK(batches.back() == -1);
  batches.pop_back();

  auto database = Database::open({.directory = directory.path()});
  REQUIRE(database);
  CHECK(integrity_of(**database) == "ok");
  SqliteLedger ledger(**database);
  for (const int batch : batches) {
    for (const LedgerRow& row : batch_rows(batch)) REQUIRE(ledger.find(row.request_id));
  }
  CHECK(ledger.append(batch_rows(1'000'000)).has_value());  // there is room again
}

}  // namespace weir::data

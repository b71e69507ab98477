#include "app/usage/recorder.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace weir::app {
namespace {

using std::chrono::milliseconds;

// Keeps what is appended; refuses the first `refusals` calls; holds calls back while it is blocked.
class FakeLedger final : public data::Ledger {
 public:
  Result<> append(const std::vector<data::LedgerRow>& rows) override {
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !blocked_; });
    if (refusals_ > 0) {
      --refusals_;
      return fail(Code::internal, "the disk is full", "free some space");
    }
    for (const auto& row : rows) ids_.push_back(row.request_id);
    batches_.push_back(rows.size());
    changed_.notify_all();
    return {};
  }
  Result<data::LedgerTotals> totals() override { return data::LedgerTotals{}; }
  Result<std::vector<data::LedgerRow>> recent(std::uint32_t) override {
    return std::vector<data::LedgerRow>();
  }
  Result<data::LedgerRow> find(std::string_view) override { return fail(Code::not_found, "not kept"); }

  void refuse(int calls) {
    set([&] { refusals_ = calls; });
  }
  void block(bool blocked) {
    set([&] { blocked_ = blocked; });
  }
  // False when it does not come true in 10 s.
  bool wait_for_calls(int calls) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return calls_ >= calls; });
  }
  bool wait_for_rows(std::size_t rows) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return ids_.size() >= rows; });
  }
  std::vector<std::string> ids() {
    const std::lock_guard lock(mutex_);
    return ids_;
  }
  std::vector<std::size_t> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  template <class Change>
  void set(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int calls_ = 0;
  int refusals_ = 0;
  bool blocked_ = false;
  std::vector<std::string> ids_;
  std::vector<std::size_t> batches_;
};

// A log whose lines can be read back, and counters.
class Observers {
 public:
  Observers()
      : fd_(::memfd_create("log", MFD_CLOEXEC)), log({.format = observe::LogFormat::json}, clock_, fd_) {}
  ~Observers() { ::close(fd_); }
  std::string lines() {
    log.flush();
    std::string text(1 << 20, '\0');
    const ssize_t size = ::pread(fd_, text.data(), text.size(), 0);
    REQUIRE(size >= 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
  }
  std::uint64_t written() { return metrics.counter("weir_ledger_rows_total", "").value(); }
  std::uint64_t dropped() { return metrics.counter("weir_ledger_dropped_total", "").value(); }

 private:
  SystemClock clock_;
  int fd_;

 public:
  observe::Log log;
  observe::Metrics metrics;
  observe::Health health{clock_};
};

data::LedgerRow row(int number) {
  data::LedgerRow row;
  row.request_id = "r" + std::to_string(number);
  row.model = "claude";
  row.usage.output_tokens = 4'711;
  row.cost = Money::from_nanos(815);
  return row;
}

const RecorderConfig kFast{.flush_interval = milliseconds(1)};

}  // namespace

TEST_CASE("rows reach the ledger in order, and the interval gathers them") {
  FakeLedger ledger;
  Observers observers;
  UsageRecorder recorder({.flush_interval = milliseconds(50)}, ledger, observers.log, observers.metrics,
                         observers.health);
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    recorder.record(row(i));
    expected.push_back("r" + std::to_string(i));
  }
  REQUIRE(ledger.wait_for_rows(200));
  CHECK(ledger.ids() == expected);
  CHECK(ledger.batches().size() <= 20);  // one, unless this thread was held up between two rows
}

TEST_CASE("the destructor writes what is queued, without waiting for the interval") {
  FakeLedger ledger;
  Observers observers;
  const auto begin = std::chrono::steady_clock::now();
  {
    UsageRecorder recorder({.flush_interval = std::chrono::hours(1)}, ledger, observers.log,
                           observers.metrics, observers.health);
    for (int i = 0; i < 10; ++i) recorder.record(row(i));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::minutes(1));
  CHECK(ledger.ids().size() == 10);
  CHECK(observers.written() == 10);
  CHECK(observers.dropped() == 0);
}

TEST_CASE("a refused batch is tried again and counts once") {
  FakeLedger ledger;
  Observers observers;
  UsageRecorder recorder(kFast, ledger, observers.log, observers.metrics, observers.health);
  ledger.refuse(4);
  recorder.record(row(1));
  REQUIRE(ledger.wait_for_rows(1));
  recorder.record(row(2));
  REQUIRE(ledger.wait_for_rows(2));
  CHECK(ledger.ids() == std::vector<std::string>{"r1", "r2"});
  CHECK(observers.dropped() == 0);
  CHECK(observers.lines().find("the disk is full") != std::string::npos);
}

TEST_CASE("a ledger that refuses shows in the health, and so does its recovery") {
  FakeLedger ledger;
  Observers observers;
  UsageRecorder recorder(kFast, ledger, observers.log, observers.metrics, observers.health);
  const auto becomes_ready = [&](bool ready) {
    for (int i = 0; i < 1'000 && observers.health.ready() != ready; ++i)
      std::this_thread::sleep_for(milliseconds(10));
    return observers.health.ready() == ready;
  };
  CHECK(observers.health.checks().empty());  // nothing has been tried
  recorder.record(row(1));
  REQUIRE(ledger.wait_for_rows(1));
  ledger.refuse(1);  // as another process's write causes it
  recorder.record(row(2));
  REQUIRE(ledger.wait_for_rows(2));
  CHECK(observers.health.ready());
  ledger.refuse(1'000'000);
  recorder.record(row(3));
  CHECK(becomes_ready(false));
  const auto check = observers.health.checks().at(0);
  CHECK(check.name == "ledger");
  CHECK(check.required);
  CHECK_FALSE(check.detail.contains("disk"));  // which the log tells
  ledger.refuse(0);
  CHECK(becomes_ready(true));
  CHECK(observers.health.checks().at(0).state == observe::HealthState::ok);
  REQUIRE(ledger.wait_for_rows(3));
}

TEST_CASE("a full queue drops the new row, counts it and logs it whole") {
  FakeLedger ledger;
  Observers observers;
  {
    UsageRecorder recorder({.flush_interval = milliseconds(1), .queue_max = 2}, ledger, observers.log,
                           observers.metrics, observers.health);
    ledger.block(true);
    recorder.record(row(1));
    REQUIRE(ledger.wait_for_calls(1));  // r1 has left the queue
    for (int i = 2; i <= 5; ++i) recorder.record(row(i));
    CHECK(observers.dropped() == 2);
    ledger.block(false);
  }
  CHECK(ledger.ids() == std::vector<std::string>{"r1", "r2", "r3"});
  CHECK(observers.written() == 3);
  const std::string lines = observers.lines();
  for (const char* part : {"\"r4\"", "\"r5\"", "\"claude\"", "4711", "815"}) {
    CHECK(lines.find(part) != std::string::npos);
  }
  CHECK(lines.find("\"r3\"") == std::string::npos);
}

TEST_CASE("rows that the ledger refuses to the end are counted and logged") {
  FakeLedger ledger;
  Observers observers;
  ledger.refuse(1'000'000);
  {
    UsageRecorder recorder(kFast, ledger, observers.log, observers.metrics, observers.health);
    recorder.record(row(1));
    REQUIRE(ledger.wait_for_calls(1));
    recorder.record(row(2));
  }
  CHECK(observers.dropped() == 2);
  CHECK(observers.written() == 0);
  const std::string lines = observers.lines();
  CHECK(lines.find("\"r1\"") != std::string::npos);
  CHECK(lines.find("\"r2\"") != std::string::npos);
}

}  // namespace weir::app

// app/usage/recorder.h: carries ledger rows from the hot path to the store: a bounded queue and one
// writer thread that appends in batches. A crash loses at most the rows of the last flush interval,
// and those that the store was refusing at that moment.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "data/ledger.h"
#include "model/usage_sink.h"
#include "observe/health.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::app {

struct RecorderConfig {
  std::chrono::milliseconds flush_interval{200};
  std::size_t queue_max = 100'000;  // rows; further ones are counted as dropped and logged whole
  // While the store refuses, the same batch is tried again after flush_interval, then twice that, and
  // so on up to this; new rows wait in the queue.
  std::chrono::milliseconds retry_delay_max{5'000};
  int shutdown_tries = 3;  // of each batch at the end, without delay; then its rows are dropped as above
};

class UsageRecorder final : public model::UsageSink {
 public:
  // Reports into the health check "ledger", which is required: failed from the second refusal of a batch on,
  // ok from the next success on. While it is failed the refused batch is what tries for its recovery.
  UsageRecorder(RecorderConfig config, data::Ledger& ledger, observe::Log& log, observe::Metrics& metrics,
                observe::Health& health);
  ~UsageRecorder() override;  // writes what is queued
  void record(data::LedgerRow row) override;

 private:
  using Rows = std::vector<data::LedgerRow>;

  void run();
  // Returns when the rows are in the ledger, or dropped because the end has come.
  void write(const Rows& rows);
  bool try_append(const Rows& rows);
  void report_success();
  void report_refusal();
  void drop(const data::LedgerRow& row);
  // Sleeps, and no longer than until the end comes.
  void pause(std::chrono::milliseconds duration);
  bool stopping();

  const RecorderConfig config_;
  data::Ledger& ledger_;
  observe::Log& log_;
  observe::Health& health_;
  observe::Counter& written_;
  observe::Counter& dropped_;
  int refusals_ = 0;       // since the last success; the writer's
  bool reported_ = false;  // the writer's
  BoundedQueue<data::LedgerRow> queue_;
  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace weir::app

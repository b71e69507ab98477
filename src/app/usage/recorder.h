// app/usage/recorder.h: carries ledger rows from the hot path to the store: a bounded queue and one
// writer thread that appends in batches. A crash loses at most the rows of the last flush interval.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "base/bounded_queue.h"
#include "data/ledger.h"
#include "model/usage_sink.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::app {

struct RecorderConfig {
  std::chrono::milliseconds flush_interval{200};
  std::size_t queue_max = 100'000;  // rows; further ones are counted as dropped and logged whole
};

class UsageRecorder final : public model::UsageSink {
 public:
  UsageRecorder(RecorderConfig config, data::Ledger& ledger, observe::Log& log, observe::Metrics& metrics);
  ~UsageRecorder() override;  // writes what is queued
  void record(data::LedgerRow row) override;

 private:
  void run();
  RecorderConfig config_;
  data::Ledger& ledger_;
  observe::Log& log_;
  observe::Counter& written_;
  observe::Counter& dropped_;
  BoundedQueue<data::LedgerRow> queue_;
  std::thread writer_;
};

}  // namespace weir::app

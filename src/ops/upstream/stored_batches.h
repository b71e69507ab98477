// ops/upstream/stored_batches.h: the message batches of the simulated provider. A batch works by the clock
// alone: it ends, or expires, or is cancelled, when somebody looks after that time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace weir::ops::upstream {

// When a batch is done and when it is out of time, after its creation.
struct BatchPace {
  std::chrono::milliseconds ends_after{200};
  std::chrono::milliseconds expires_after{std::chrono::hours(24)};  // before its end: nothing was answered
};

struct StoredBatch {
  std::string id;
  std::vector<std::pair<std::string, json::value>> requests;  // custom_id, params
  WallTime created_at{};
  WallTime ends_at{};
  WallTime expires_at{};
  WallTime cancelled_at{};  // 0: it was not

  bool ended(WallTime now) const { return now >= std::min(ends_at, expires_at); }
  json::object to_json(WallTime now) const;
  // A line for each request. Only of one that has ended.
  std::string results(WallTime now) const;

 private:
  json::object result_of(const json::value& params) const;
};

// Why a body makes no batch; empty: `requests` has been filled.
std::string read_batch(const json::value& body, StoredBatch& batch);

// Thread-safe.
class StoredBatches {
 public:
  static constexpr std::chrono::milliseconds kCancelTakes{100};

  void add(StoredBatch batch);
  std::unique_ptr<StoredBatch> find(std::string_view id) const;  // null: there is none
  std::vector<StoredBatch> all() const;                          // newest first
  void cancel(std::string_view id, WallTime now);
  bool remove(std::string_view id);

 private:
  mutable std::mutex mutex_;
  std::vector<StoredBatch> batches_;  // oldest first
};

}  // namespace weir::ops::upstream

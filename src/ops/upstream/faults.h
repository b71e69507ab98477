// ops/upstream/faults.h: what the simulated provider does wrong, and when. See simulator.h for the names.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::ops::upstream {

struct Faults {
  int status = 0;                 // 0: no error status
  std::int64_t retry_after = -1;  // seconds; -1: none
  bool error_first = false;
  bool error_midway = false;
  bool cut = false;
  bool stall = false;
  bool stall_first = false;
  bool stall_start = false;
  bool malformed_sse = false;
  bool wrong_content_type = false;
  std::chrono::milliseconds first_delay{0};
  std::chrono::milliseconds event_delay{0};
  std::chrono::milliseconds byte_delay{0};  // 0: not byte by byte
  std::int64_t events = 0;                  // 0: as many as the answer has words
  std::int64_t padding_mib = 0;
  std::int64_t times = 0;      // 0: every time
  std::int64_t percent = 100;  // of the requests, by chance
};

// "529=2,first_delay_ms=50". invalid_request names what is not known. Empty text: no fault.
Result<Faults> parse_faults(std::string_view text);

// How often each x-weir-fault-id has been seen. Thread-safe.
class FaultCounts {
 public:
  static constexpr std::size_t kIdsMax = 10'000;
  // The number of this request among those with the same id, from 1. Beyond kIdsMax ids it is 1.
  std::int64_t count(std::string_view id);

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> counts_;
};

}  // namespace weir::ops::upstream

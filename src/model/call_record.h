// model/call_record.h: the account of one call, from its first try to the end of its answer.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/accounts.h"
#include "model/call.h"
#include "model/meter.h"

namespace weir::model {

// Leaves exactly one row for a call that reached a provider: when it is closed, or else when it is
// destroyed, which is what happens when the client goes away in any phase.
class CallRecord {
 public:
  CallRecord(Accounts& accounts, const Clock& clock, const UpstreamCall& call, std::string_view provider);
  ~CallRecord();
  CallRecord(const CallRecord&) = delete;
  CallRecord& operator=(const CallRecord&) = delete;

  void begin_try();
  void answered(int status, std::string_view upstream_request_id, MeterKind kind);
  void feed(std::string_view bytes);  // of the answer's body
  void add_wait(std::chrono::nanoseconds duration) { waited_ += duration; }
  // The body has ended, of itself or by `error_type`; empty: as the provider meant it to.
  void close(std::string_view error_type);

  const Meter& meter() const { return meter_; }
  bool metered() const { return metered_; }
  int tries() const { return row_.tries; }
  std::chrono::nanoseconds waited() const { return waited_; }
  const std::string& request_id() const { return row_.request_id; }
  const std::string& upstream_request_id() const { return row_.upstream_request_id; }

 private:
  std::int64_t elapsed_us() const;

  Accounts& accounts_;
  const Clock& clock_;
  const bool metered_;
  const Monotonic began_at_;
  Meter meter_{MeterKind::opaque};
  data::LedgerRow row_;
  std::chrono::nanoseconds waited_{};
  bool closed_ = false;
};

}  // namespace weir::model

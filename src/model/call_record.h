// model/call_record.h: the account of one call, from its first try to the end of its answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/accounts.h"
#include "model/answer_meter.h"
#include "model/call.h"
#include "model/call_trace.h"
#include "model/resilience/affinity.h"

namespace weir::model {

// Who learns from how the answer ended.
struct AfterCall {
  Breaker* breaker = nullptr;
  Affinity* affinity = nullptr;  // null: the call belongs to no session that matters
  SessionKey session = 0;
  std::uint32_t target = 0;  // as Warmth numbers them
};

// Leaves exactly one row for a call that reached a provider: when it is closed, or else when it is
// destroyed, which is what happens when the client goes away in any phase.
class CallRecord {
 public:
  CallRecord(Accounts& accounts, const Clock& clock, const UpstreamCall& call, TraceSink* traces = nullptr);
  ~CallRecord();
  CallRecord(const CallRecord&) = delete;
  CallRecord& operator=(const CallRecord&) = delete;

  // A request goes out to `provider`, which calls the model `model`.
  void begin_try(std::string_view provider, std::string_view model, ProviderCounters& counters);
  void answered(int status, std::string_view upstream_request_id, std::unique_ptr<AnswerMeter> meter);
  void feed(std::string_view bytes);  // of the answer's body
  void add_wait(std::chrono::nanoseconds duration) { waited_ += duration; }
  void price_regionally(bool regional) { regional_ = regional; }  // of the try that was begun
  // The body has ended, of itself or by `error_type`; empty: as the provider meant it to.
  void close(std::string_view error_type);

  CallSummary summary() const;  // so far
  CallTrace& trace() { return trace_; }
  const CallTrace& trace() const { return trace_; }
  AfterCall& after_call() { return after_; }
  const AnswerMeter& meter() const { return *meter_; }  // of the try that was answered
  bool metered() const { return metered_; }
  int tries() const { return row_.tries; }
  std::string_view provider() const { return provider_; }  // tried last
  int status() const { return row_.status; }
  std::chrono::nanoseconds waited() const { return waited_; }
  const std::string& request_id() const { return row_.request_id; }
  const std::string& upstream_request_id() const { return row_.upstream_request_id; }

 private:
  std::int64_t elapsed_us() const;
  void tell_others(std::string_view error_type);
  void keep_trace(std::string_view error_type);

  Accounts& accounts_;
  const Clock& clock_;
  const bool metered_;
  const std::int64_t max_tokens_;
  const Monotonic began_at_;
  std::unique_ptr<AnswerMeter> meter_;    // null: no try was answered yet
  std::string_view provider_;             // its name outlives every call
  ProviderCounters* counters_ = nullptr;  // of the provider that is tried; null: none was
  data::LedgerRow row_;
  std::chrono::nanoseconds waited_{};
  TraceSink* const traces_;  // null: nobody keeps traces
  std::string trace_id_;
  CallTrace trace_;
  AfterCall after_;
  bool regional_ = false;
  bool closed_ = false;
};

}  // namespace weir::model

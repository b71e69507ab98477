#include "model/call_record.h"

#include <algorithm>
#include <utility>

namespace weir::model {

CallRecord::CallRecord(Accounts& accounts, const Clock& clock, const UpstreamCall& call, TraceSink* traces)
    : accounts_(accounts),
      clock_(clock),
      metered_(call.metered),
      max_tokens_(call.facts.max_tokens),
      began_at_(clock.monotonic()),
      traces_(traces) {
  row_.request_id = call.who.request_id;
  if (traces_ != nullptr) trace_id_ = call.who.request_id;  // the row is given away before the trace
  row_.at = call.who.arrived_at;
  row_.tenant = call.who.tenant;
  row_.key_id = call.who.key_id;
  row_.route = call.who.route;
  row_.model = call.model;
  row_.streamed = call.stream;
}

CallRecord::~CallRecord() {
  if (closed_) return;
  if (meter_ != nullptr) meter_->finish();
  // A client that has the whole message may hang up without waiting for the end of the body.
  close(meter_ != nullptr && meter_->ended() ? std::string_view() : kClientGone);
}

void CallRecord::begin_try(std::string_view provider, std::string_view model, ProviderCounters& counters) {
  ++row_.tries;
  row_.status = 0;
  row_.provider = provider_ = provider;
  row_.model = model;
  row_.upstream_request_id.clear();
  meter_.reset();
  counters_ = &counters;
  counters.count_try();
}

void CallRecord::answered(int status, std::string_view upstream_request_id,
                          std::unique_ptr<AnswerMeter> meter) {
  row_.status = status;
  row_.upstream_request_id = upstream_request_id;
  meter_ = std::move(meter);
}

void CallRecord::feed(std::string_view bytes) {
  meter_->feed(bytes);
  if (row_.first_token_us == 0 && meter_->saw_delta())
    row_.first_token_us = std::max<std::int64_t>(elapsed_us(), 1);
}

void CallRecord::close(std::string_view error_type) {
  if (std::exchange(closed_, true)) return;
  if (row_.tries == 0) return keep_trace(error_type);
  static const MessageReport kNothing;
  if (meter_ != nullptr) meter_->finish();
  const MessageReport& report = meter_ != nullptr ? meter_->report() : kNothing;
  row_.error_type = error_type.empty() ? report.error_type : error_type;
  const bool refused = row_.status >= 400;
  if (refused && row_.error_type.empty()) row_.error_type = "status_" + std::to_string(row_.status);
  counters_->count_call(row_.error_type);
  if (!metered_) return keep_trace(row_.error_type);

  if (!report.model.empty()) row_.model = report.model;
  if (!refused) {
    if (meter_ != nullptr) row_.usage = meter_->usage();
    row_.usage_estimated =
        (meter_ != nullptr && meter_->usage_estimated()) || (error_type == kClientGone && !report.has_usage);
    // However many bytes came, the model made no more tokens than it was allowed to.
    if (row_.usage_estimated && max_tokens_ > 0)
      row_.usage.output_tokens = std::min(row_.usage.output_tokens, max_tokens_);
  }
  row_.duration_us = elapsed_us();
  tell_others(error_type);
  MessageReport settled = report;
  settled.modifiers.regional = regional_;
  trace_.usage = row_.usage;
  trace_.usage_estimated = row_.usage_estimated;
  trace_.first_token = std::chrono::microseconds(row_.first_token_us);
  const std::string ended_by = row_.error_type;
  Accounts::Settled account = accounts_.settle(std::move(row_), settled);
  trace_.price_model = std::move(account.price_model);
  trace_.cost = account.cost;
  keep_trace(ended_by);
}

void CallRecord::tell_others(std::string_view error_type) {
  const bool answered = row_.status >= 200 && row_.status < 300;
  // What was answered well at first, and then broke off or ended in an error.
  const bool was_counted = !trace_.tries.empty() && trace_.tries.back().failure != FailureClass::none;
  const bool broke = !error_type.empty() && error_type != kClientGone;
  const bool erred =
      error_type.empty() && !row_.error_type.empty() && meter_ != nullptr && meter_->saw_delta();
  const bool cut = answered && !was_counted && (broke || erred);
  if (cut && after_.breaker != nullptr) after_.breaker->count_late_failure();
  if (!answered || after_.affinity == nullptr) return;
  const data::Usage& usage = row_.usage;
  const std::int64_t cached =
      usage.cache_read_tokens + usage.cache_write_5m_tokens + usage.cache_write_1h_tokens;
  const std::chrono::nanoseconds warm_for =
      usage.cache_write_1h_tokens > 0 ? std::chrono::hours(1) : after_.affinity->config().warm_for;
  after_.affinity->remember(after_.session, {.target = after_.target, .cached_tokens = cached}, warm_for);
}

void CallRecord::keep_trace(std::string_view error_type) {
  if (traces_ == nullptr) return;
  trace_.error_type = error_type;
  trace_.duration = clock_.monotonic() - began_at_;
  traces_->keep(trace_id_, std::move(trace_));
}

CallSummary CallRecord::summary() const {
  CallSummary summary{.route = trace_.route, .tries = row_.tries, .waited = waited_};
  for (const TraceTry& tried : trace_.tries) {
    summary.queued += tried.queue_wait;
    summary.connect += tried.connect;
  }
  if (!trace_.tries.empty()) {
    summary.provider = trace_.tries.back().provider;
    summary.model = trace_.tries.back().model;
  }
  return summary;
}

std::int64_t CallRecord::elapsed_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic() - began_at_).count();
}

}  // namespace weir::model

#include "app/usage/recorder.h"

#include <algorithm>

namespace weir::app {
namespace {

// How long the writer sleeps when nothing comes; a row or the end wakes it.
constexpr std::chrono::milliseconds kIdleWait = std::chrono::hours(1);
// One refusal alone is often another process that writes, such as an import.
constexpr int kRefusalsToFail = 2;
constexpr std::string_view kCheck = "ledger";

// Everything the ledger would have had, so that the row can be entered from the log.
observe::Attributes attributes_of(const data::LedgerRow& row) {
  const data::Usage& usage = row.usage;
  return {{"request_id", row.request_id},
          {"at_ns", row.at.count()},
          {"tenant", row.tenant},
          {"key_id", row.key_id},
          {"route", row.route},
          {"provider", row.provider},
          {"model", row.model},
          {"input_tokens", usage.input_tokens},
          {"cache_write_5m_tokens", usage.cache_write_5m_tokens},
          {"cache_write_1h_tokens", usage.cache_write_1h_tokens},
          {"cache_read_tokens", usage.cache_read_tokens},
          {"output_tokens", usage.output_tokens},
          {"web_search_requests", usage.web_search_requests},
          {"usage_estimated", row.usage_estimated},
          {"cost_nanos", row.cost.nanos()},
          {"price_model", row.price_model},
          {"status", row.status},
          {"error_type", row.error_type},
          {"streamed", row.streamed},
          {"first_token_us", row.first_token_us},
          {"duration_us", row.duration_us},
          {"tries", row.tries},
          {"upstream_request_id", row.upstream_request_id}};
}

}  // namespace

UsageRecorder::UsageRecorder(RecorderConfig config, data::Ledger& ledger, observe::Log& log,
                             observe::Metrics& metrics, observe::Health& health)
    : config_(config),
      ledger_(ledger),
      log_(log),
      health_(health),
      written_(metrics.counter("weir_ledger_rows_total", "Rows written to the usage ledger.")),
      dropped_(metrics.counter("weir_ledger_dropped_total",
                               "Usage rows that could not be written; each is in the log as a whole.")),
      queue_(config.queue_max),
      writer_([this] { run(); }) {}

UsageRecorder::~UsageRecorder() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  queue_.close();
  writer_.join();
}

void UsageRecorder::record(data::LedgerRow row) {
  if (!queue_.push(std::move(row))) drop(row);  // a refused row is not moved from
}

void UsageRecorder::run() {
  Rows first;
  Rows rest;
  while (queue_.take_all(first, kIdleWait)) {
    if (first.empty()) continue;
    // The first row opens a batch; the interval lets others join it.
    pause(config_.flush_interval);
    queue_.take_all(rest, std::chrono::milliseconds(0));
    first.insert(first.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
    write(first);
  }
}

void UsageRecorder::write(const Rows& rows) {
  std::chrono::milliseconds delay = config_.flush_interval;
  while (!stopping()) {
    if (try_append(rows)) return;
    pause(delay);
    delay = std::min(2 * delay, config_.retry_delay_max);
  }
  for (int tries = 0; tries < config_.shutdown_tries; ++tries) {
    if (try_append(rows)) return;
  }
  for (const data::LedgerRow& row : rows) drop(row);
}

bool UsageRecorder::try_append(const Rows& rows) {
  const auto appended = ledger_.append(rows);
  if (appended) {
    written_.add(rows.size());
    report_success();
    return true;
  }
  log_.write(observe::Level::error, "the usage ledger refuses rows",
             {{"rows", rows.size()}, {"error", appended.error().message}, {"hint", appended.error().hint}},
             "ledger.refused");
  report_refusal();
  return false;
}

void UsageRecorder::report_success() {
  if (std::exchange(refusals_, 0) < kRefusalsToFail && reported_) return;
  health_.report(kCheck, observe::HealthState::ok, "takes rows", true);
  reported_ = true;
}

void UsageRecorder::report_refusal() {
  if (++refusals_ < kRefusalsToFail) return;
  // What the store said is the operator's to read, and health is open to everybody.
  health_.report(kCheck, observe::HealthState::failed, "refuses rows; the log says why", true);
  reported_ = true;
}

void UsageRecorder::drop(const data::LedgerRow& row) {
  dropped_.add();
  log_.write(observe::Level::error, "a usage row was not written to the ledger", attributes_of(row),
             "ledger.row_dropped");
}

void UsageRecorder::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(stop_mutex_);
  stop_.wait_for(lock, duration, [this] { return stopping_; });
}

bool UsageRecorder::stopping() {
  const std::lock_guard lock(stop_mutex_);
  return stopping_;
}

}  // namespace weir::app

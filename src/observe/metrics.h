// observe/metrics.h: counters, gauges and histograms; names and units follow Prometheus' and
// OpenTelemetry's conventions. Instruments are created once and then are atomics.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::observe {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Fixed upper bounds in seconds (or tokens, bytes…), cumulative on exposition.
class Histogram {
 public:
  explicit Histogram(std::span<const double> upper_bounds);
  void observe(double value);

 private:
  friend class Metrics;
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  // one more than bounds_: +Inf
  std::atomic<double> sum_{0};
};

struct Label {
  std::string_view name, value;
};

// The registry. The same name and labels give the same instrument. Creating takes a lock: keep the
// reference. More than series_max label sets of one name end in one series labelled "overflow".
class Metrics {
 public:
  static constexpr std::size_t kSeriesMax = 1'000;  // per name

  Metrics();
  ~Metrics();
  Counter& counter(std::string_view name, std::string_view help, std::initializer_list<Label> labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, std::initializer_list<Label> labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> upper_bounds,
                       std::initializer_list<Label> labels = {});
  // A gauge that is read when scraped.
  void observe_gauge(std::string_view name, std::string_view help, std::function<double()> read);

  // Prometheus text exposition format 0.0.4.
  std::string prometheus_text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::observe

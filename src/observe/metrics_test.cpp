#include "observe/metrics.h"

#include <doctest/doctest.h>

#include <thread>

using namespace weir::observe;

TEST_CASE("the exposition is sorted, typed and escaped") {
  Metrics metrics;
  metrics.counter("weir_requests_total", "Requests\nanswered.", {{"route", "/a\"b\\c\n"}, {"code", "200"}})
      .add(3);
  metrics.gauge("weir_in_flight", "Requests in flight.").set(-2);
  metrics.observe_gauge("weir_connections", "Open connections.", [] { return 1.5; });
  CHECK(metrics.prometheus_text() ==
        "# HELP weir_connections Open connections.\n"
        "# TYPE weir_connections gauge\n"
        "weir_connections 1.5\n"
        "# HELP weir_in_flight Requests in flight.\n"
        "# TYPE weir_in_flight gauge\n"
        "weir_in_flight -2\n"
        "# HELP weir_requests_total Requests\\nanswered.\n"
        "# TYPE weir_requests_total counter\n"
        "weir_requests_total{route=\"/a\\\"b\\\\c\\n\",code=\"200\"} 3\n");
}

TEST_CASE("histogram buckets are cumulative and a bound includes its own value") {
  Metrics metrics;
  const double bounds[] = {0.5, 1};
  Histogram& histogram = metrics.histogram("weir_seconds", "Time.", bounds, {{"route", "chat"}});
  for (const double value : {0.1, 0.5, 0.7, 9.0}) histogram.observe(value);
  CHECK(metrics.prometheus_text() ==
        "# HELP weir_seconds Time.\n"
        "# TYPE weir_seconds histogram\n"
        "weir_seconds_bucket{route=\"chat\",le=\"0.5\"} 2\n"
        "weir_seconds_bucket{route=\"chat\",le=\"1\"} 3\n"
        "weir_seconds_bucket{route=\"chat\",le=\"+Inf\"} 4\n"
        "weir_seconds_sum{route=\"chat\"} 10.3\n"
        "weir_seconds_count{route=\"chat\"} 4\n");
}

TEST_CASE("the same name and labels give the same instrument") {
  Metrics metrics;
  Counter& first = metrics.counter("weir_x_total", "X.", {{"a", "1"}});
  CHECK(&metrics.counter("weir_x_total", "X.", {{"a", "1"}}) == &first);
  CHECK(&metrics.counter("weir_x_total", "X.", {{"a", "2"}}) != &first);
}

TEST_CASE("too many label sets end in one overflow series") {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::kSeriesMax; ++i) {
    metrics.counter("weir_x_total", "X.", {{"key", std::to_string(i)}}).add();
  }
  Counter& a = metrics.counter("weir_x_total", "X.", {{"key", "a"}});
  Counter& b = metrics.counter("weir_x_total", "X.", {{"key", "b"}});
  CHECK(&a == &b);
  a.add(7);
  CHECK(metrics.prometheus_text().find("weir_x_total{key=\"overflow\"} 7\n") != std::string::npos);
  CHECK(metrics.counter("weir_x_total", "X.", {{"key", "5"}}).value() == 1);
}

TEST_CASE("a reader of a gauge may itself create instruments") {
  Metrics metrics;
  metrics.observe_gauge("weir_a", "A.", [&] {
    metrics.counter("weir_reads_total", "Reads.").add();
    return 1.0;
  });
  CHECK(metrics.prometheus_text().find("weir_reads_total 1\n") != std::string::npos);
}

TEST_CASE("threads may count and scrape at once") {
  Metrics metrics;
  const double bounds[] = {1.0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        metrics.counter("weir_n_total", "N.").add();
        metrics.histogram("weir_h", "H.", bounds).observe(0.5);
      }
    });
  }
  const std::string during = metrics.prometheus_text();
  threads.clear();
  CHECK(metrics.counter("weir_n_total", "N.").value() == 4'000);
  CHECK(metrics.prometheus_text().find("weir_h_sum 2000\n") != std::string::npos);
}

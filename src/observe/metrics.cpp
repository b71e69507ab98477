#include "observe/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace weir::observe {
namespace {

constexpr std::string_view kOverflow = "overflow";

// Labels as `a="x",b="y"`, in the order in which the instrument was declared: also the key of a series.
using SeriesKey = std::string;

// The format escapes backslash and newline in help, and the quote as well in label values.
void append_escaped(std::string& out, std::string_view text, bool quote_too) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quote_too) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

SeriesKey series_key(std::initializer_list<Label> labels, bool overflow) {
  SeriesKey key;
  for (const Label& label : labels) {
    if (!key.empty()) key += ',';
    key += label.name;
    key += "=\"";
    append_escaped(key, overflow ? kOverflow : label.value, true);
    key += '"';
  }
  return key;
}

bool is_metric_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, allowed);
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> buffer{};
    out.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
  }
}

// One sample line. `extra` is a further label such as le="0.5".
template <class Number>
void append_sample(std::string& out, std::string_view name, std::string_view suffix, const SeriesKey& labels,
                   std::string_view extra, Number value) {
  out += name;
  out += suffix;
  if (!labels.empty() || !extra.empty()) {
    out += '{';
    out += labels;
    if (!labels.empty() && !extra.empty()) out += ',';
    out += extra;
    out += '}';
  }
  out += ' ';
  if constexpr (std::is_same_v<Number, double>) {
    append_number(out, value);
  } else {
    out += std::to_string(value);
  }
  out += '\n';
}

void append_header(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out += "# HELP ";
  out += name;
  out += ' ';
  append_escaped(out, help, false);
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

enum class Kind : std::uint8_t { counter, gauge, histogram };

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::counter: return "counter";
    case Kind::gauge: return "gauge";
    case Kind::histogram: return "histogram";
  }
  WEIR_ASSERT(!"a Kind out of range");
}

// One name with all its label sets.
struct Family {
  Kind kind = Kind::counter;
  std::string help;
  std::vector<double> bounds;  // of a histogram
  std::map<SeriesKey, std::unique_ptr<Counter>> counters;
  std::map<SeriesKey, std::unique_ptr<Gauge>> gauges;
  std::map<SeriesKey, std::unique_ptr<Histogram>> histograms;
  std::function<double()> read;  // of a gauge that is read when scraped
};

// The series of these labels, made when it is new: the overflow series when there are too many.
template <class Instrument, class Make>
Instrument& series(std::map<SeriesKey, std::unique_ptr<Instrument>>& all, std::initializer_list<Label> labels,
                   Make make) {
  SeriesKey key = series_key(labels, false);
  auto found = all.find(key);
  if (found == all.end()) {
    if (all.size() >= Metrics::kSeriesMax) key = series_key(labels, true);
    found = all.try_emplace(std::move(key)).first;
    if (!found->second) found->second = make();
  }
  return *found->second;
}

}  // namespace

Histogram::Histogram(std::span<const double> upper_bounds)
    : bounds_(upper_bounds.begin(), upper_bounds.end()), counts_(upper_bounds.size() + 1) {
  WEIR_ASSERT(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

class Metrics::Impl {
 public:
  // The lock must be held.
  Family& family(std::string_view name, std::string_view help, Kind kind) {
    WEIR_ASSERT(is_metric_name(name));
    auto found = families.find(name);
    if (found == families.end()) {
      found = families.try_emplace(std::string(name)).first;
      found->second.kind = kind;
      found->second.help = help;
    }
    WEIR_ASSERT(found->second.kind == kind);
    return found->second;
  }

  static void append_histogram(std::string& out, std::string_view name, const SeriesKey& labels,
                               const Histogram& histogram) {
    // The count is the sum of the buckets read here, so that one scrape never contradicts itself.
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < histogram.counts_.size(); ++i) {
      cumulative += histogram.counts_[i].load(std::memory_order_relaxed);
      std::string bound = "le=\"";
      append_number(bound, i < histogram.bounds_.size() ? histogram.bounds_[i]
                                                        : std::numeric_limits<double>::infinity());
      bound += '"';
      append_sample(out, name, "_bucket", labels, bound, cumulative);
    }
    append_sample(out, name, "_sum", labels, {}, histogram.sum_.load(std::memory_order_relaxed));
    append_sample(out, name, "_count", labels, {}, cumulative);
  }

  mutable std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;  // sorted: the exposition is deterministic
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, std::initializer_list<Label> labels) {
  const std::lock_guard lock(impl_->mutex);
  Family& family = impl_->family(name, help, Kind::counter);
  return series(family.counters, labels, [] { return std::make_unique<Counter>(); });
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, std::initializer_list<Label> labels) {
  const std::lock_guard lock(impl_->mutex);
  Family& family = impl_->family(name, help, Kind::gauge);
  return series(family.gauges, labels, [] { return std::make_unique<Gauge>(); });
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              std::span<const double> upper_bounds, std::initializer_list<Label> labels) {
  const std::lock_guard lock(impl_->mutex);
  Family& family = impl_->family(name, help, Kind::histogram);
  if (family.histograms.empty()) family.bounds.assign(upper_bounds.begin(), upper_bounds.end());
  WEIR_ASSERT(std::ranges::equal(family.bounds, upper_bounds));
  return series(family.histograms, labels, [&] { return std::make_unique<Histogram>(upper_bounds); });
}

void Metrics::observe_gauge(std::string_view name, std::string_view help, std::function<double()> read) {
  const std::lock_guard lock(impl_->mutex);
  impl_->family(name, help, Kind::gauge).read = std::move(read);
}

std::string Metrics::prometheus_text() const {
  // Read outside the lock: a reader may take locks of its own, or create instruments.
  std::vector<std::pair<std::string, std::function<double()>>> readers;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [name, family] : impl_->families) {
      if (family.read) readers.emplace_back(name, family.read);
    }
  }
  std::map<std::string_view, double> read_values;
  for (const auto& [name, read] : readers) read_values[name] = read();

  const std::lock_guard lock(impl_->mutex);
  std::string out;
  for (const auto& [name, family] : impl_->families) {
    append_header(out, name, family.help, to_string(family.kind));
    if (const auto value = read_values.find(name); value != read_values.end()) {
      append_sample(out, name, {}, {}, {}, value->second);
    }
    for (const auto& [labels, counter] : family.counters)
      append_sample(out, name, {}, labels, {}, counter->value());
    for (const auto& [labels, gauge] : family.gauges)
      append_sample(out, name, {}, labels, {}, gauge->value());
    for (const auto& [labels, histogram] : family.histograms) {
      Impl::append_histogram(out, name, labels, *histogram);
    }
  }
  return out;
}

}  // namespace weir::observe

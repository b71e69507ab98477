#include "model/retry.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "base/time_format.h"

namespace weir::model {
namespace {

using std::chrono::nanoseconds;

constexpr double kUnitsMax = 1e9;  // beyond it a wait is nonsense, and would overflow

std::optional<nanoseconds> parse_wait(std::string_view text, nanoseconds unit) {
  text = trim(text);
  double units = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), units, std::chars_format::fixed);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(units))
    return std::nullopt;
  if (units <= 0) return std::nullopt;
  return nanoseconds(
      static_cast<std::int64_t>(std::min(units, kUnitsMax) * static_cast<double>(unit.count())));
}

}  // namespace

Result<> RetryConfig::check() const {
  if (tries_max < 1 || tries_max > 10) {
    return fail(Code::invalid_request, "retry.tries_max is " + std::to_string(tries_max), "use 1 to 10");
  }
  if (base.count() < 0 || delay_max < base || retry_after_max.count() < 0) {
    return fail(Code::invalid_request, "retry.base, delay_max and retry_after_max do not fit together",
                "use 0 <= base <= delay_max and retry_after_max >= 0");
  }
  return {};
}

std::optional<nanoseconds> retry_after(const net::Headers& headers, WallTime now) {
  const auto milliseconds = headers.find("retry-after-ms");
  if (milliseconds) {
    const auto wait = parse_wait(*milliseconds, std::chrono::milliseconds(1));
    if (wait) return wait;
  }
  const auto value = headers.find("retry-after");
  if (!value) return std::nullopt;
  const auto wait = parse_wait(*value, std::chrono::seconds(1));
  if (wait) return wait;
  const auto date = parse_http_date(trim(*value));
  if (!date || *date <= now) return std::nullopt;
  return *date - now;
}

std::optional<nanoseconds> retry_delay(const RetryConfig& config, int tries, std::optional<nanoseconds> asked,
                                       Random& random) {
  if (tries >= config.tries_max) return std::nullopt;
  if (asked) {
    if (*asked > config.retry_after_max) return std::nullopt;
    return asked;
  }
  const nanoseconds ceiling =
      std::min<nanoseconds>(config.base * (std::int64_t{1} << (tries - 1)), config.delay_max);
  return nanoseconds(static_cast<std::int64_t>(random.next_unit() * static_cast<double>(ceiling.count())));
}

}  // namespace weir::model

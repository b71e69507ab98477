#include "data/limits.h"

namespace weir::data {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::sys_days;

template <class Length>
PeriodSpan even_span(nanoseconds wall, nanoseconds offset) {
  const nanoseconds length = Length(1);
  const std::int64_t number = (wall - offset) / length;
  const nanoseconds begin = offset + number * length;
  return {.number = number, .begin = begin, .end = begin + length};
}

PeriodSpan month_at(nanoseconds wall) {
  const sys_days day(std::chrono::floor<days>(wall));
  const std::chrono::year_month_day date(day);
  const std::chrono::year_month month = date.year() / date.month();
  const auto first_of = [](std::chrono::year_month m) {
    return nanoseconds(sys_days(m / std::chrono::day(1)).time_since_epoch());
  };
  const std::int64_t number = static_cast<int>(date.year()) * 12 + static_cast<unsigned>(date.month()) - 1;
  return {.number = number, .begin = first_of(month), .end = first_of(month + std::chrono::months(1))};
}

}  // namespace

PeriodSpan period_at(Period period, nanoseconds wall) {
  constexpr days kFirstMonday{4};  // 1970-01-05
  switch (period) {
    case Period::hour: return even_span<hours>(wall, nanoseconds(0));
    case Period::day: return even_span<days>(wall, nanoseconds(0));
    case Period::week: return even_span<std::chrono::weeks>(wall, kFirstMonday);
    case Period::month: return month_at(wall);
    case Period::total: break;
  }
  return {};
}

}  // namespace weir::data

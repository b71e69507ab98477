#include "base/time_format.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <tuple>

#include "base/text.h"

namespace weir {
namespace {

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Split {
  std::tm calendar{};
  long nanos = 0;
};

Split split_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  Split out;
  const std::time_t t = seconds.count();
  gmtime_r(&t, &out.calendar);
  out.nanos = (time - seconds).count();
  return out;
}

std::string rfc3339(WallTime time, const char* fraction_format, long divisor) {
  const Split s = split_time(time);
  std::array<char, 64> buffer{};
  int n = std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d",
                        s.calendar.tm_year + 1900, s.calendar.tm_mon + 1, s.calendar.tm_mday,
                        s.calendar.tm_hour, s.calendar.tm_min, s.calendar.tm_sec);
  n += std::snprintf(buffer.data() + n, buffer.size() - static_cast<std::size_t>(n), fraction_format,
                     s.nanos / divisor);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

std::optional<int> number(std::string_view text) {
  const auto value = parse_int(text);
  if (!value || text.starts_with('-')) return std::nullopt;
  return static_cast<int>(*value);
}

// nullopt when the calendar has no such second: timegm alone would carry over silently. A leap second
// counts as the one after it.
std::optional<WallTime> to_time(std::tm calendar) {
  const bool leap = calendar.tm_sec == 60;
  if (leap) calendar.tm_sec = 59;
  std::tm normal = calendar;
  const std::time_t seconds = timegm(&normal);
  const auto fields = [](const std::tm& t) {
    return std::tie(t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
  };
  if (fields(normal) != fields(calendar)) return std::nullopt;
  return std::chrono::seconds(seconds + (leap ? 1 : 0));
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  return rfc3339(time, ".%03ldZ", 1'000'000);
}
std::string to_rfc3339_nanos(WallTime time) {
  return rfc3339(time, ".%09ldZ", 1);
}

std::string to_http_date(WallTime time) {
  const Split s = split_time(time);
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                              kDays[static_cast<std::size_t>(s.calendar.tm_wday)], s.calendar.tm_mday,
                              kMonths[static_cast<std::size_t>(s.calendar.tm_mon)], s.calendar.tm_year + 1900,
                              s.calendar.tm_hour, s.calendar.tm_min, s.calendar.tm_sec);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", ") return std::nullopt;
  std::tm t{};
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4)),
             hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  int month = -1;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (text.substr(8, 3) == kMonths[i]) month = static_cast<int>(i);
  }
  if (!day || !year || !hour || !minute || !second || month < 0 || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  t.tm_mday = *day, t.tm_mon = month, t.tm_year = *year - 1900;
  t.tm_hour = *hour, t.tm_min = *minute, t.tm_sec = *second;
  return to_time(t);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2)),
             day = number(text.substr(8, 2)), hour = number(text.substr(11, 2)),
             minute = number(text.substr(14, 2)), second = number(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::tm t{};
  t.tm_year = *year - 1900, t.tm_mon = *month - 1, t.tm_mday = *day;
  t.tm_hour = *hour, t.tm_min = *minute, t.tm_sec = *second;
  const auto whole = to_time(t);
  if (!whole) return std::nullopt;
  WallTime out = *whole;
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    std::int64_t scale = 100'000'000;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      out += std::chrono::nanoseconds((text[0] - '0') * scale);
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  if (text == "Z" || text == "z") return out;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = number(text.substr(1, 2)), minutes = number(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::minutes(*hours * 60 + *minutes);
  return text[0] == '+' ? out - offset : out + offset;
}

}  // namespace weir

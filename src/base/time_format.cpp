#include "base/time_format.h"

#include <array>
#include <chrono>
#include <ctime>
#include <tuple>

#include "base/append.h"
#include "base/text.h"

namespace weir {
namespace {

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Writes `value` in `width` digits, with leading zeros.
char* put_digits(char* out, unsigned long value, int width) {
  for (int i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

struct Split {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  std::chrono::hh_mm_ss<std::chrono::seconds> clock;
  unsigned long nanos = 0;
};

Split split_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::sys_days day(days);
  return {.date = day,
          .weekday = std::chrono::weekday(day),
          .clock = std::chrono::hh_mm_ss(seconds - days),
          .nanos = static_cast<unsigned long>((time - seconds).count())};
}

unsigned long year_of(const Split& s) {
  return static_cast<unsigned long>(static_cast<int>(s.date.year()));
}

char* put_clock(char* out, const Split& s) {
  out = put_digits(out, static_cast<unsigned long>(s.clock.hours().count()), 2);
  *out++ = ':';
  out = put_digits(out, static_cast<unsigned long>(s.clock.minutes().count()), 2);
  *out++ = ':';
  return put_digits(out, static_cast<unsigned long>(s.clock.seconds().count()), 2);
}

// Written by hand because every log entry has one; snprintf takes twenty times as long.
std::string rfc3339(WallTime time, int fraction_digits, unsigned long divisor) {
  const Split s = split_time(time);
  std::array<char, 40> buffer;
  char* out = put_digits(buffer.data(), year_of(s), 4);
  *out++ = '-';
  out = put_digits(out, static_cast<unsigned>(s.date.month()), 2);
  *out++ = '-';
  out = put_digits(out, static_cast<unsigned>(s.date.day()), 2);
  *out++ = 'T';
  out = put_clock(out, s);
  *out++ = '.';
  out = put_digits(out, s.nanos / divisor, fraction_digits);
  *out++ = 'Z';
  return {buffer.data(), out};
}

std::optional<int> number(std::string_view text) {
  const auto value = parse_int(text);
  if (!value || text.starts_with('-')) return std::nullopt;
  return static_cast<int>(*value);
}

// nullopt when the calendar has no such second: timegm alone would carry over silently. A leap second
// counts as the one after it.
// The whole years that 64 bits of nanoseconds around 1970 can hold.
constexpr int kYearMin = 1'678, kYearMax = 2'261;

std::optional<WallTime> to_time(std::tm calendar) {
  if (calendar.tm_year < kYearMin - 1'900 || calendar.tm_year > kYearMax - 1'900) return std::nullopt;
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
  return rfc3339(time, 3, 1'000'000);
}
std::string to_rfc3339_nanos(WallTime time) {
  return rfc3339(time, 9, 1);
}

std::string to_http_date(WallTime time) {
  const Split s = split_time(time);
  std::array<char, 40> buffer;
  char* out = put(buffer.data(), kDays[s.weekday.c_encoding()]);
  out = put(out, ", ");
  out = put_digits(out, static_cast<unsigned>(s.date.day()), 2);
  *out++ = ' ';
  out = put(out, kMonths[static_cast<unsigned>(s.date.month()) - 1]);
  *out++ = ' ';
  out = put_digits(out, year_of(s), 4);
  *out++ = ' ';
  out = put_clock(out, s);
  out = put(out, " GMT");
  return {buffer.data(), out};
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

#include "main/config/units.h"

#include <array>
#include <limits>

#include "base/ip.h"
#include "base/text.h"

namespace weir::main {
namespace {

struct UnitName {
  std::string_view name;
  std::int64_t factor;
};
// The largest first. Durations in milliseconds, sizes in bytes.
constexpr std::array<UnitName, 5> kDurations = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<UnitName, 4> kSizes = {
    {{"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}, {"B", 1}}};

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const UnitName> units) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto number = parse_int(text.substr(0, digits));
  if (!number) return std::nullopt;
  if (digits == std::string_view::npos) return *number == 0 ? number : std::nullopt;
  for (const UnitName& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (*number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

std::string format_with_unit(std::int64_t value, std::span<const UnitName> units) {
  for (const UnitName& unit : units) {
    if (value != 0 && value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return std::to_string(value) + std::string(units.back().name);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto milliseconds = parse_with_unit(text, kDurations);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(*milliseconds);
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format_with_unit(duration.count(), kDurations);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, kSizes);
}
std::string format_size(std::int64_t bytes) {
  return format_with_unit(bytes, kSizes);
}

std::optional<data::RateLimit> parse_rate(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = parse_int(text.substr(0, slash));
  const auto window = parse_duration(text.substr(slash + 1));
  if (!count || *count < 1 || *count > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  if (!window || window->count() < 1'000 || window->count() % 1'000 != 0) return std::nullopt;
  return data::RateLimit{static_cast<std::uint32_t>(*count),
                         std::chrono::duration_cast<std::chrono::seconds>(*window)};
}

std::string format_rate(data::RateLimit rate) {
  return std::to_string(rate.count) + "/" + format_duration(rate.window);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const auto port = parse_int(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65'535) return std::nullopt;
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string format_endpoint(std::string_view address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string_view::npos;
  return (v6 ? "[" + std::string(address) + "]" : std::string(address)) + ":" + std::to_string(port);
}

}  // namespace weir::main

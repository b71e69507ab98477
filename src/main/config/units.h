// main/config/units.h: how durations, sizes, rates and addresses are written.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/limits.h"

namespace weir::main {

// A whole number and a unit: ms, s, m, h or d. "0" needs none.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);  // in the largest unit that is exact

// A whole number and a unit: B, KiB, MiB or GiB.
std::optional<std::int64_t> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);

// "100/15m": at least one request, at least a second.
std::optional<data::RateLimit> parse_rate(std::string_view text);
std::string format_rate(data::RateLimit rate);

struct Endpoint {
  std::string address;  // numeric
  std::uint16_t port = 0;
};
// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
std::optional<Endpoint> parse_endpoint(std::string_view text);
std::string format_endpoint(std::string_view address, std::uint16_t port);

}  // namespace weir::main

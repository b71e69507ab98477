#include "base/money.h"

#include <array>
#include <cstdio>

namespace weir {

std::string Money::to_string() const {
  const bool negative = nanos_ < 0;
  const auto magnitude = negative ? 0ULL - static_cast<std::uint64_t>(nanos_)
                                  : static_cast<std::uint64_t>(nanos_);
  std::array<char, 40> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%s%llu.%09llu", negative ? "-" : "",
                              static_cast<unsigned long long>(magnitude / 1'000'000'000),
                              static_cast<unsigned long long>(magnitude % 1'000'000'000));
  std::string out(buffer.data(), static_cast<std::size_t>(n));
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

}  // namespace weir

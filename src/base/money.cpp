#include "base/money.h"

#include <array>
#include <cstdint>

#include "base/append.h"

namespace weir {
namespace {

constexpr std::uint64_t kNanosPerUnit = 1'000'000'000;

}  // namespace

std::string Money::to_string() const {
  const bool negative = nanos_ < 0;
  const auto magnitude =
      negative ? 0ULL - static_cast<std::uint64_t>(nanos_) : static_cast<std::uint64_t>(nanos_);
  std::string out(negative ? "-" : "");
  append_integer(out, magnitude / kNanosPerUnit);
  std::uint64_t rest = magnitude % kNanosPerUnit;
  if (rest == 0) return out;
  std::array<char, 10> decimals{'.'};
  for (std::size_t i = decimals.size(); i-- > 1; rest /= 10) decimals[i] = static_cast<char>('0' + rest % 10);
  std::size_t size = decimals.size();
  while (decimals[size - 1] == '0') --size;
  return out.append(decimals.data(), size);
}

}  // namespace weir

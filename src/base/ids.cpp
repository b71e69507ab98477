#include "base/ids.h"

#include <array>
#include <cstdint>

#include "base/append.h"

namespace weir {
namespace {

constexpr std::size_t kUlidSize = 26;  // characters

}  // namespace

std::string new_id(std::string_view prefix, const Clock& clock, Random& random) {
  constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto ms = static_cast<std::uint64_t>(clock.wall().count() / 1'000'000);
  std::array<std::byte, 10> entropy{};
  random.fill(entropy);
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  for (std::size_t i = 0; i < 10; ++i) bytes[6 + i] = std::to_integer<std::uint8_t>(entropy[i]);

  std::string out(prefix);
  append_in_place(out, 1 + kUlidSize, [&](char* to) {
    *to++ = '_';
    // 128 bits are 26 digits of 5 bits; the first digit carries the 3 uppermost bits.
    std::uint32_t window = 0;
    int bits = 2;  // two leading zero bits make 130
    for (const std::uint8_t byte : bytes) {
      window = window << 8 | byte;
      for (bits += 8; bits >= 5;) {
        bits -= 5;
        *to++ = digits[window >> bits & 31];
      }
    }
    return to;
  });
  return out;
}

}  // namespace weir

// The choice among the kernels, and those that any processor runs.
#include "data/scan/kernels.h"

#include <bit>
#include <cmath>
#include <vector>

namespace weir::data {
namespace {

void sign_distances(const std::uint64_t* query, const std::uint64_t* rows, std::size_t row_count,
                    std::size_t words, std::uint16_t* out) {
  for (std::size_t row = 0; row < row_count; row += kRowsTogether) {
    for (std::size_t lane = 0; lane < kRowsTogether; ++lane) {
      int distance = 0;
      for (std::size_t word = 0; word < words; ++word) {
        distance += std::popcount(rows[row * words + word * kRowsTogether + lane] ^ query[word]);
      }
      out[row + lane] = static_cast<std::uint16_t>(distance);
    }
  }
}

std::int32_t dot_codes(const std::int8_t* a, const std::int8_t* b, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

float dot_halves(const std::uint16_t* row, const float* query, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += from_half(row[i]) * query[i];
  return sum;
}

std::vector<const ScanKernels*> find_usable() {
  std::vector<const ScanKernels*> usable = {&kPlainKernels};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    usable.push_back(&kAvx2Kernels);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vpopcntdq")) {
    usable.push_back(&kAvx512Kernels);
  }
#endif
  return usable;
}

}  // namespace

const ScanKernels kPlainKernels = {"plain", sign_distances, dot_codes, dot_halves};

std::span<const ScanKernels* const> usable_scan_kernels() {
  static const std::vector<const ScanKernels*> usable = find_usable();
  return usable;
}

const ScanKernels& scan_kernels() {
  return *usable_scan_kernels().back();
}

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return sign | 0x7E00;   // not a number
  if (magnitude >= 0x477FF000) return sign | 0x7C00;  // rounds beyond the largest half
  if (magnitude < 0x38800000) {                       // below 2^-14: a multiple of 2^-24
    const float scaled = std::bit_cast<float>(magnitude) * 0x1p24F;
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(scaled)));
  }
  const std::uint32_t rounded = magnitude + 0xFFF + ((magnitude >> 13) & 1);  // ties to even
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1F;
  const std::uint32_t fraction = half & 0x3FF;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0x7F800000U : (exponent + 112) << 23;
  return std::bit_cast<float>(sign | wide | (fraction << 13));
}

}  // namespace weir::data

// data/scan/kernels.h: the inner loops of a scan over vectors, each written for what a processor has and
// chosen when the program runs. Every set gives the same numbers but for the order of float additions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::data {

// Rows whose sign bits stand side by side: word w of eight rows, then word w + 1 of them.
constexpr std::size_t kRowsTogether = 8;

struct ScanKernels {
  std::string_view name;
  // out[r] = how many signs of row r differ from the query's. `rows` holds row_count rows of `words` words
  // in groups of kRowsTogether; row_count is a multiple of that.
  void (*sign_distances)(const std::uint64_t* query, const std::uint64_t* rows, std::size_t row_count,
                         std::size_t words, std::uint16_t* out);
  // Σ a·b over `size` codes, a multiple of 64.
  std::int32_t (*dot_codes)(const std::int8_t* a, const std::int8_t* b, std::size_t size);
  // Σ row·query over `size` values, a multiple of 64; `row` in IEEE 754 binary16.
  float (*dot_halves)(const std::uint16_t* row, const float* query, std::size_t size);
};

// The fastest that this processor runs.
const ScanKernels& scan_kernels();
// All that it runs, slowest first: for tests and measurements.
std::span<const ScanKernels* const> usable_scan_kernels();

std::uint16_t to_half(float value);  // to the nearest, ties to even
float from_half(std::uint16_t half);

// What a set needs of the processor is checked by whoever calls these.
extern const ScanKernels kPlainKernels;
#if defined(__x86_64__)
extern const ScanKernels kAvx2Kernels;    // AVX2, FMA, F16C
extern const ScanKernels kAvx512Kernels;  // AVX-512 F, BW, VPOPCNTDQ
#endif

}  // namespace weir::data

// The scan's kernels with AVX2, FMA and F16C.
#if defined(__x86_64__)

#include <immintrin.h>

#include "data/scan/kernels.h"

#define WEIR_AVX2 [[gnu::target("avx2,fma,f16c,popcnt")]]

namespace weir::data {
namespace {

// The population count of each byte by its two nibbles (W. Muła, "Faster Population Counts", 2016).
WEIR_AVX2 __m256i count_bits(__m256i value) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2,
                                         3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(0x0F);
  const __m256i first = _mm256_shuffle_epi8(table, _mm256_and_si256(value, low));
  const __m256i second = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(value, 4), low));
  return _mm256_sad_epu8(_mm256_add_epi8(first, second), _mm256_setzero_si256());
}

WEIR_AVX2 void sign_distances(const std::uint64_t* query, const std::uint64_t* rows, std::size_t row_count,
                              std::size_t words, std::uint16_t* out) {
  for (std::size_t row = 0; row < row_count; row += kRowsTogether) {
    const std::uint64_t* group = rows + row * words;
    __m256i first = _mm256_setzero_si256();
    __m256i second = _mm256_setzero_si256();
    for (std::size_t word = 0; word < words; ++word) {
      const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(query[word]));
      const auto* at = reinterpret_cast<const __m256i*>(group + word * kRowsTogether);
      first = _mm256_add_epi64(first, count_bits(_mm256_xor_si256(_mm256_loadu_si256(at), wanted)));
      second = _mm256_add_epi64(second, count_bits(_mm256_xor_si256(_mm256_loadu_si256(at + 1), wanted)));
    }
    alignas(32) std::uint64_t sums[kRowsTogether];
    _mm256_store_si256(reinterpret_cast<__m256i*>(sums), first);
    _mm256_store_si256(reinterpret_cast<__m256i*>(sums) + 1, second);
    for (std::size_t lane = 0; lane < kRowsTogether; ++lane) {
      out[row + lane] = static_cast<std::uint16_t>(sums[lane]);
    }
  }
}

WEIR_AVX2 std::int32_t dot_codes(const std::int8_t* a, const std::int8_t* b, std::size_t size) {
  __m256i sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < size; i += 16) {
    const __m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)));
    const __m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
  }
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
  return _mm_cvtsi128_si32(half);
}

WEIR_AVX2 float dot_halves(const std::uint16_t* row, const float* query, std::size_t size) {
  __m256 first = _mm256_setzero_ps();
  __m256 second = _mm256_setzero_ps();
  for (std::size_t i = 0; i < size; i += 16) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + i));
    first =
        _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), _mm256_loadu_ps(query + i), first);
    second = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)),
                             _mm256_loadu_ps(query + i + 8), second);
  }
  const __m256 sum = _mm256_add_ps(first, second);
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  half = _mm_add_ss(half, _mm_movehdup_ps(half));
  return _mm_cvtss_f32(half);
}

}  // namespace

const ScanKernels kAvx2Kernels = {"avx2", sign_distances, dot_codes, dot_halves};

}  // namespace weir::data

#endif

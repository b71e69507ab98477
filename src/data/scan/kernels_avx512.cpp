// The scan's kernels with AVX-512 (F, BW, VPOPCNTDQ).
#if defined(__x86_64__)

#include <immintrin.h>

#include "data/scan/kernels.h"

#define WEIR_AVX512 [[gnu::target("avx512f,avx512bw,avx512vpopcntdq,f16c")]]

namespace weir::data {
namespace {

WEIR_AVX512 void sign_distances(const std::uint64_t* query, const std::uint64_t* rows, std::size_t row_count,
                                std::size_t words, std::uint16_t* out) {
  for (std::size_t row = 0; row < row_count; row += kRowsTogether) {
    const std::uint64_t* group = rows + row * words;
    __m512i sum = _mm512_setzero_si512();
    for (std::size_t word = 0; word < words; ++word) {
      const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(query[word]));
      const __m512i differing = _mm512_xor_si512(_mm512_loadu_si512(group + word * kRowsTogether), wanted);
      sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(differing));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + row), _mm512_cvtepi64_epi16(sum));
  }
}

WEIR_AVX512 __m512i load(const std::int8_t* at) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}

WEIR_AVX512 std::int32_t dot_codes(const std::int8_t* a, const std::int8_t* b, std::size_t size) {
  __m512i first = _mm512_setzero_si512();
  __m512i second = _mm512_setzero_si512();
  for (std::size_t i = 0; i < size; i += 64) {
    first = _mm512_add_epi32(first, _mm512_madd_epi16(load(a + i), load(b + i)));
    second = _mm512_add_epi32(second, _mm512_madd_epi16(load(a + i + 32), load(b + i + 32)));
  }
  return _mm512_reduce_add_epi32(_mm512_add_epi32(first, second));
}

WEIR_AVX512 float dot_halves(const std::uint16_t* row, const float* query, std::size_t size) {
  __m512 first = _mm512_setzero_ps();
  __m512 second = _mm512_setzero_ps();
  for (std::size_t i = 0; i < size; i += 32) {
    const auto* at = reinterpret_cast<const __m256i*>(row + i);
    first = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256(at)), _mm512_loadu_ps(query + i), first);
    second =
        _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256(at + 1)), _mm512_loadu_ps(query + i + 16), second);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(first, second));
}

}  // namespace

const ScanKernels kAvx512Kernels = {"avx512", sign_distances, dot_codes, dot_halves};

}  // namespace weir::data

#endif

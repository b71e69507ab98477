// Compiled for x86-64-v4 with AVX512_VNNI (CMakeLists.txt): products of bytes, four to each 32-bit sum.
#if defined(__x86_64__)
#include <immintrin.h>

#include "model/embedders/bert/kernel_sets.h"
#include "model/embedders/bert/vector_kernels.h"

namespace weir::model::bert {
namespace {

using V16 = Vectors<16>;

// As Tile, with vpdpbusd: each step takes four bytes of every row and 4 × 16 weights of every vector.
template <int M, int N>
struct ByteTile {
  __m512i sums[M][N];

  // `b` is the first of N / 2 panels, one after the other.
  WEIR_INLINE void multiply(const std::uint8_t* a, std::size_t depth, const std::int8_t* b) {
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) sums[m][n] = _mm512_setzero_si512();
    const std::size_t panel = depth * kPanel;
    for (std::size_t k = 0; k < depth; k += 4) {
      __m512i columns[N];
      for (int n = 0; n < N; ++n)
        columns[n] = _mm512_loadu_si512(b + n / 2 * panel + k * kPanel + n % 2 * 64);
      for (int m = 0; m < M; ++m) {
        std::int32_t four;
        __builtin_memcpy(&four, a + m * depth + k, 4);
        const __m512i row = _mm512_set1_epi32(four);
        for (int n = 0; n < N; ++n) sums[m][n] = _mm512_dpbusd_epi32(sums[m][n], row, columns[n]);
      }
    }
  }
};

template <int N, Activation activation>
void byte_columns(const QuantisedRows& rows, std::size_t count, const LinearInt8& layer, std::size_t column,
                  float* out) {
  const std::int8_t* const panel = layer.weights + column * layer.depth;
  for_row_tiles<N == 4 ? 6 : 12>(count, [&]<int M>(std::size_t row) {
    ByteTile<M, N> tile;
    tile.multiply(rows.bytes + row * layer.depth, layer.depth, panel);
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
      const std::size_t at = column + n * 16;
      const auto scales = V16::load(layer.scales + at), sums = V16::load(layer.sums + at);
      const auto bias = V16::load(layer.bias + at);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        // Σ (low + step·byte) · scale·weight = scale · (step · Σ byte·weight + low · Σ weight)
        const V16::Floats products = _mm512_cvtepi32_ps(tile.sums[m][n]);
        auto value = (products * rows.steps[row + m] + sums * rows.lows[row + m]) * scales + bias;
#pragma GCC unroll 16
        for (std::size_t i = (row + m) * kOutliers; i < (row + m + 1) * kOutliers; ++i)
          value += V16::load(rows.outlier_weights[i] + at) * rows.outliers[i].value;
        V16::store(out + (row + m) * layer.columns + at, V16::activate<activation>(value));
      }
    }
  });
}

template <Activation activation>
void byte_linear_of(const QuantisedRows& rows, std::size_t count, const LinearInt8& layer, float* out) {
  std::size_t column = 0;
  // Six rows by four vectors: of all shapes that fit into the registers, the one with the fewest broadcasts.
  for (; column + 2 * kPanel <= layer.columns; column += 2 * kPanel)
    byte_columns<4, activation>(rows, count, layer, column, out);
  for (; column + kPanel <= layer.columns; column += kPanel)
    byte_columns<2, activation>(rows, count, layer, column, out);
  if (column < layer.columns) byte_columns<1, activation>(rows, count, layer, column, out);
}

void byte_linear(const QuantisedRows& rows, std::size_t count, const LinearInt8& layer, float* out) {
  switch (layer.activation) {
    case Activation::none: return byte_linear_of<Activation::none>(rows, count, layer, out);
    case Activation::gelu: return byte_linear_of<Activation::gelu>(rows, count, layer, out);
    case Activation::relu: return byte_linear_of<Activation::relu>(rows, count, layer, out);
  }
}

constexpr Kernels with_bytes(Kernels kernels) {
  kernels.linear_int8 = byte_linear;
  return kernels;
}

}  // namespace

constinit const Kernels kVnniKernels = with_bytes(vector_kernels<16>("avx512_vnni"));

}  // namespace weir::model::bert
#endif

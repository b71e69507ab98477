// model/embedders/bert/vector_kernels.h: the f32 kernels over vectors of W floats, in the vector extension
// that clang and g++ share. Each kernels_*.cpp includes this once, compiled for its instruction set.
#pragma once

#include "model/embedders/bert/kernels.h"

// Everything is in an unnamed namespace, and nothing of the standard library is called: a function that the
// linker could take from here for the whole program would fault on a lesser processor.
namespace weir::model::bert {
namespace {

#define WEIR_INLINE inline __attribute__((always_inline))

template <int W>
struct Vectors {
  typedef float Floats __attribute__((vector_size(W * 4)));
  typedef std::int32_t Ints __attribute__((vector_size(W * 4)));
  typedef std::uint8_t Bytes __attribute__((vector_size(W)));
  // The same in memory, where only single elements are aligned.
  typedef float FloatsInMemory __attribute__((vector_size(W * 4), aligned(4), may_alias));
  typedef std::uint8_t BytesInMemory __attribute__((vector_size(W), aligned(1), may_alias));

  static WEIR_INLINE Floats load(const float* from) { return *reinterpret_cast<const FloatsInMemory*>(from); }
  static WEIR_INLINE void store(float* to, Floats value) { *reinterpret_cast<FloatsInMemory*>(to) = value; }
  static WEIR_INLINE Floats all(float value) { return Floats{} + value; }
  static WEIR_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }
  static WEIR_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
  static WEIR_INLINE float sum(Floats v) {
    float total = 0;
    for (int i = 0; i < W; ++i) total += v[i];
    return total;
  }
  static WEIR_INLINE float largest(Floats v) {
    float found = v[0];
    for (int i = 1; i < W; ++i) found = v[i] > found ? v[i] : found;
    return found;
  }
  static WEIR_INLINE float smallest(Floats v) {
    float found = v[0];
    for (int i = 1; i < W; ++i) found = v[i] < found ? v[i] : found;
    return found;
  }

  // e^x for x <= 0; what is below e^-87 counts as that, which is 0 for all that follows. 2^n · e^r with
  // |r| <= ln2 / 2, by Taylor's series to the sixth power (relative error 1.2e-7).
  static WEIR_INLINE Floats exponential(Floats x) {
    const Floats clamped = larger(x, all(-87.0F));
    const Floats n = (clamped * 1.44269504F + 12582912.0F) - 12582912.0F;  // 1.5 · 2^23: to an integer
    Floats r = clamped - n * 0.693359375F;  // ln2 in two parts, the first exact in few bits
    r = r + n * 2.12194440e-4F;
    Floats p = r * (1.0F / 720) + (1.0F / 120);
    p = p * r + (1.0F / 24);
    p = p * r + (1.0F / 6);
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const Ints exponent = __builtin_convertvector(n, Ints) << 23;
    return reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) + exponent);
  }

  // x · Φ(x), with erf by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26 (|error| 1.5e-7).
  static WEIR_INLINE Floats gelu(Floats x) {
    const Floats magnitude = x < Floats{} ? -x : x;
    const Floats t = 1.0F / (magnitude * (0.3275911F * 0.70710678F) + 1.0F);
    Floats p = t * 1.061405429F + -1.453152027F;
    p = p * t + 1.421413741F;
    p = p * t + -0.284496736F;
    p = p * t + 0.254829592F;
    const Floats tail = p * t * exponential(x * x * -0.5F) * 0.5F;  // 1 - Φ(|x|)
    return x * (x < Floats{} ? tail : 1.0F - tail);
  }

  template <Activation kind>
  static WEIR_INLINE Floats activate(Floats x) {
    if constexpr (kind == Activation::gelu) return gelu(x);
    if constexpr (kind == Activation::relu) return larger(x, Floats{});
    return x;
  }
};

// A tile of M rows and N vectors of a product: the sums stay in registers over the whole depth.
template <int W, int M, int N>
struct Tile {
  using V = Vectors<W>;
  typename V::Floats sums[M][N];

  WEIR_INLINE void multiply(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride,
                            std::size_t depth) {
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) sums[m][n] = typename V::Floats{};
    for (std::size_t k = 0; k < depth; ++k) {
      typename V::Floats columns[N];
      for (int n = 0; n < N; ++n) columns[n] = V::load(b + k * b_stride + n * W);
      for (int m = 0; m < M; ++m) {
        const typename V::Floats row = V::all(a[m * a_stride + k]);
        for (int n = 0; n < N; ++n) sums[m][n] += row * columns[n];
      }
    }
  }
};

// How many rows fit into the registers beside two vectors of columns.
template <int W>
inline constexpr int kTileRows = W == 16 ? 12 : 6;

// Calls use.template operator()<M>(first row) for all rows, in tiles of M = Rows and one smaller.
template <int M, class Use>
WEIR_INLINE void last_rows(std::size_t rows, std::size_t at, const Use& use) {
  if constexpr (M > 0) {
    if (rows == M) {
      use.template operator()<M>(at);
    } else {
      last_rows<M - 1>(rows, at, use);
    }
  }
}
template <int Rows, class Use>
WEIR_INLINE void for_row_tiles(std::size_t rows, const Use& use) {
  std::size_t at = 0;
  for (; at + Rows <= rows; at += Rows) use.template operator()<Rows>(at);
  last_rows<Rows - 1>(rows - at, at, use);
}

template <int W, int N, Activation activation>
void linear_columns(const float* rows, std::size_t count, const LinearF32& layer, std::size_t column,
                    float* out) {
  using V = Vectors<W>;
  const float* const panel = layer.weights + column / kPanel * layer.depth * kPanel + column % kPanel;
  for_row_tiles<kTileRows<W>>(count, [&]<int M>(std::size_t row) {
    Tile<W, M, N> tile;
    tile.multiply(rows + row * layer.depth, layer.depth, panel, kPanel, layer.depth);
    for (int m = 0; m < M; ++m) {
      float* const to = out + (row + m) * layer.columns + column;
      for (int n = 0; n < N; ++n)
        V::store(to + n * W,
                 V::template activate<activation>(tile.sums[m][n] + V::load(layer.bias + column + n * W)));
    }
  });
}

template <int W, Activation activation>
void linear_of(const float* rows, std::size_t count, const LinearF32& layer, float* out) {
  std::size_t column = 0;
  for (; column + 2 * W <= layer.columns; column += 2 * W)
    linear_columns<W, 2, activation>(rows, count, layer, column, out);
  if (column < layer.columns) linear_columns<W, 1, activation>(rows, count, layer, column, out);
}

template <int W>
void linear(const float* rows, std::size_t count, const LinearF32& layer, float* out) {
  switch (layer.activation) {
    case Activation::none: return linear_of<W, Activation::none>(rows, count, layer, out);
    case Activation::gelu: return linear_of<W, Activation::gelu>(rows, count, layer, out);
    case Activation::relu: return linear_of<W, Activation::relu>(rows, count, layer, out);
  }
}

// The two greatest magnitudes of different lanes. The second greatest of all is missed where it shares a lane
// with the first, which costs some precision and spares a pass.
template <int W>
WEIR_INLINE void find_outliers(const float* row, std::size_t stride, Outlier* outliers) {
  using V = Vectors<W>;
  auto peaks = typename V::Floats{};
  auto places = typename V::Ints{};
  for (std::size_t i = 0; i < stride; i += W) {
    const auto values = V::load(row + i);
    const auto magnitudes = values < typename V::Floats{} ? -values : values;
    const auto greater = magnitudes > peaks;
    peaks = greater ? magnitudes : peaks;
    places = greater ? typename V::Ints{} + static_cast<std::int32_t>(i) : places;
  }
  float first = -1, second = -1;
  for (int lane = 0; lane < W; ++lane) {
    const auto input = static_cast<std::uint32_t>(places[lane] + lane);
    if (peaks[lane] > first) {
      second = first;
      outliers[1] = outliers[0];
      first = peaks[lane];
      outliers[0] = {row[input], input};
    } else if (peaks[lane] > second) {
      second = peaks[lane];
      outliers[1] = {row[input], input};
    }
  }
}

template <int W>
WEIR_INLINE void quantise_row(const float* row, std::size_t stride, std::uint8_t* bytes, float& step,
                              float& low) {
  using V = Vectors<W>;
  auto lowest = V::load(row), highest = lowest;
  for (std::size_t i = W; i < stride; i += W) {
    const auto values = V::load(row + i);
    lowest = V::smaller(lowest, values);
    highest = V::larger(highest, values);
  }
  low = V::smallest(lowest);
  const float range = V::largest(highest) - low;
  step = range / 255;
  const float inverse = range > 0 ? 255 / range : 0;
  for (std::size_t i = 0; i < stride; i += W) {
    const auto scaled = (V::load(row + i) - low) * inverse + 0.5F;  // cut, which rounds
    const auto whole = __builtin_convertvector(scaled, typename V::Ints);
    *reinterpret_cast<typename V::BytesInMemory*>(bytes + i) =
        __builtin_convertvector(whole, typename V::Bytes);
  }
}

template <int W>
void quantise(float* rows, std::size_t count, std::size_t stride, std::uint8_t* bytes, float* steps,
              float* lows, Outlier* outliers) {
  for (std::size_t i = 0; i < count; ++i) {
    float* const row = rows + i * stride;
    Outlier* const found = outliers + i * kOutliers;
    found[0] = found[1] = {0, 0};
    find_outliers<W>(row, stride, found);
    row[found[0].input] = row[found[1].input] = 0;
    quantise_row<W>(row, stride, bytes + i * stride, steps[i], lows[i]);
    row[found[1].input] = found[1].value;
    row[found[0].input] = found[0].value;
  }
}

template <int W>
void add_and_normalise(float* x, const float* added, std::size_t count, const Norm& norm) {
  using V = Vectors<W>;
  const float padding = static_cast<float>(norm.stride - norm.width);
  for (std::size_t row = 0; row < count; ++row) {
    float* const values = x + row * norm.stride;
    auto total = typename V::Floats{};
    for (std::size_t i = 0; i < norm.stride; i += W) {
      auto value = V::load(values + i);
      if (added != nullptr) value += V::load(added + row * norm.stride + i);
      V::store(values + i, value);
      total += value;
    }
    const float mean = V::sum(total) / static_cast<float>(norm.width);
    auto squares = typename V::Floats{};
    for (std::size_t i = 0; i < norm.stride; i += W) {
      const auto distance = V::load(values + i) - mean;
      squares += distance * distance;
    }
    // The padding's zeros are each mean² away.
    const float variance = (V::sum(squares) - padding * mean * mean) / static_cast<float>(norm.width);
    const float inverse = 1.0F / __builtin_sqrtf(variance + norm.epsilon);
    for (std::size_t i = 0; i < norm.stride; i += W) {
      const auto value = (V::load(values + i) - mean) * inverse;
      V::store(values + i, value * V::load(norm.weight + i) + V::load(norm.bias + i));
    }
  }
}

// Scores of M queries of a head with all keys → weights whose sums are in `sums`; what stands behind the
// last key becomes zero.
template <int W, int M>
WEIR_INLINE void softmax_rows(float* scores, std::size_t stride, std::size_t length, float (&sums)[M]) {
  using V = Vectors<W>;
  for (int m = 0; m < M; ++m) {
    float* const row = scores + m * stride;
    for (std::size_t i = length; i < stride; ++i) row[i] = -1e30F;
    auto peaks = V::load(row);
    for (std::size_t i = W; i < stride; i += W) peaks = V::larger(peaks, V::load(row + i));
    const float peak = V::largest(peaks);
    auto total = typename V::Floats{};
    for (std::size_t i = 0; i < stride; i += W) {
      const auto weight = V::exponential(V::load(row + i) - peak);
      V::store(row + i, weight);
      total += weight;
    }
    sums[m] = V::sum(total);
  }
}

// M rows of one head: scores with all keys, softmax, and the values weighed by it.
template <int W, int M>
WEIR_INLINE void attend_rows(const float* queries, const float* values, std::size_t row_stride,
                             const float* keys, std::size_t length, std::size_t padded,
                             std::size_t head_stride, float* scores, float* out, std::size_t out_stride) {
  using V = Vectors<W>;
  for (std::size_t column = 0; column < padded; column += 2 * W) {
    Tile<W, M, 2> tile;
    tile.multiply(queries, row_stride, keys + column / kPanel * head_stride * kPanel + column % kPanel,
                  kPanel, head_stride);
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < 2; ++n) V::store(scores + m * padded + column + n * W, tile.sums[m][n]);
  }
  float sums[M];
  softmax_rows<W, M>(scores, padded, length, sums);
  const auto weigh = [&]<int N>(std::size_t column) {
    Tile<W, M, N> tile;
    tile.multiply(scores, padded, values + column, row_stride, length);
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) V::store(out + m * out_stride + column + n * W, tile.sums[m][n] / sums[m]);
  };
  std::size_t column = 0;
  for (; column + 2 * W <= head_stride; column += 2 * W) weigh.template operator()<2>(column);
  if (column < head_stride) weigh.template operator()<1>(column);
}

// Multiples of kPanel hold two vectors of every W.
inline std::size_t padded_length(std::size_t length) {
  return (length + kPanel - 1) / kPanel * kPanel;
}

template <int W>
void attend(const float* rows, std::size_t length, const AttentionShape& shape, float* scratch, float* out) {
  const std::size_t width = shape.heads * shape.head_stride;
  const std::size_t row_stride = 3 * width, padded = padded_length(length);
  float* const keys = scratch;  // of one head, scaled, in panels as weights are
  float* const scores = scratch + shape.head_stride * padded;
  for (std::size_t head = 0; head < shape.heads; ++head) {
    const float* const queries = rows + head * shape.head_stride;
    for (std::size_t row = 0; row < padded; ++row) {
      float* const key = keys + row / kPanel * shape.head_stride * kPanel + row % kPanel;
      const float* const from = queries + row * row_stride + width;
      for (std::size_t i = 0; i < shape.head_stride; ++i)
        key[i * kPanel] = row < length ? from[i] * shape.scale : 0;
    }
    for_row_tiles<kTileRows<W>>(length, [&]<int M>(std::size_t row) {
      attend_rows<W, M>(queries + row * row_stride, queries + 2 * width, row_stride, keys, length, padded,
                        shape.head_stride, scores, out + row * width + head * shape.head_stride, width);
    });
  }
}

template <int W>
constexpr Kernels vector_kernels(std::string_view name) {
  return {.name = name,
          .linear = linear<W>,
          .linear_int8 = nullptr,
          .quantise = quantise<W>,
          .add_and_normalise = add_and_normalise<W>,
          .attend = attend<W>};
}

}  // namespace
}  // namespace weir::model::bert

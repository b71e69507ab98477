// model/embedders/bert/kernels.h: the loops in which an encoder spends its time, once for each instruction
// set; which one runs is chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// This header is read by files that are compiled for processors which may not be there: it must not define
// or instantiate a function that another file could share.
namespace weir::model::bert {

// Rows of numbers are padded with zeros to a multiple of this, so that no loop has a remainder.
inline constexpr std::size_t kLane = 16;
// Weights lie in panels of this many columns, each row of a panel (or, in int8, four of them) together.
inline constexpr std::size_t kPanel = 32;

enum class Activation : std::uint8_t { none, gelu, relu };

// y = act(x·W + bias), as the kernels read it. columns is a multiple of kLane; the last panel of W is whole.
struct LinearF32 {
  const float* weights;  // [columns / kPanel][depth][kPanel]
  const float* bias;     // [columns, rounded up to kPanel]
  std::size_t depth, columns;
  Activation activation;
};
struct LinearInt8 {
  const std::int8_t* weights;  // [columns / kPanel][depth / 4][kPanel][4]
  const float* scales;         // by column: a weight is its integer times this
  const float* sums;           // by column: of the integers
  const float* bias;
  std::size_t depth, columns;
  Activation activation;
};

// Of each row so many of the largest numbers are kept apart.
inline constexpr std::size_t kOutliers = 2;
struct Outlier {
  float value;
  std::uint32_t input;
};

// Rows of bytes: x = low + step * byte, but for the outliers, which stand as 0 among the bytes.
struct QuantisedRows {
  const std::uint8_t* bytes;
  const float* steps;
  const float* lows;
  const Outlier* outliers;              // [count][kOutliers]
  const float* const* outlier_weights;  // of each outlier: its input's weights, [columns] in f32
};

struct Norm {
  const float* weight;
  const float* bias;
  std::size_t width, stride;  // stride: width, padded
  float epsilon;
};

struct AttentionShape {
  std::size_t heads, head_stride;  // of each head, padded
  float scale;                     // of the products of queries and keys
};

struct Kernels {
  std::string_view name;
  void (*linear)(const float* rows, std::size_t count, const LinearF32& layer, float* out);
  // Null: this set works in f32 only.
  void (*linear_int8)(const QuantisedRows& rows, std::size_t count, const LinearInt8& layer, float* out);
  // Changes the rows while it works, and leaves them as they were.
  void (*quantise)(float* rows, std::size_t count, std::size_t stride, std::uint8_t* bytes, float* steps,
                   float* lows, Outlier* outliers);
  // x = norm(x + added); added may be null.
  void (*add_and_normalise)(float* x, const float* added, std::size_t count, const Norm& norm);
  // One text: rows of [queries | keys | values], each heads * head_stride wide → rows of one such width.
  // scratch holds attention_scratch() floats.
  void (*attend)(const float* rows, std::size_t length, const AttentionShape& shape, float* scratch,
                 float* out);
};

std::size_t attention_scratch(std::size_t length, const AttentionShape& shape);

// By rising speed. A set that this processor cannot run is not in the list; the last one is the best.
std::span<const Kernels* const> usable_kernels();
// Of that name; nullptr when this processor or this build has none. "auto": the best.
const Kernels* find_kernels(std::string_view name);

}  // namespace weir::model::bert

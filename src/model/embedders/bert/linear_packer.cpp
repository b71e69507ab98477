#include "model/embedders/bert/linear_packer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace weir::model::bert {
namespace {

constexpr std::size_t kGroup = 4;  // bytes of a column that lie together
constexpr float kByteMax = 127;

std::size_t whole_panels(std::size_t columns) {
  return (columns + kPanel - 1) / kPanel * kPanel;
}

// `count` numbers from `index` on.
void copy_elements(const Tensor& tensor, std::size_t index, std::size_t count, float* out) {
  if (tensor.type == TensorType::f32) {
    std::memcpy(out, tensor.bytes.data() + index * sizeof(float), count * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) out[i] = element(tensor, index + i);
}

}  // namespace

LinearPacker::LinearPacker(std::size_t depth, std::size_t columns, Activation activation, bool int8)
    : int8_(int8), row_(depth) {
  linear_.depth_ = depth;
  linear_.columns_ = columns;
  linear_.activation_ = activation;
  const std::size_t whole = whole_panels(columns);
  linear_.bias_ = AlignedArray<float>(whole);
  if (int8) {
    linear_.bytes_ = AlignedArray<std::int8_t>(whole * depth);
    linear_.scales_ = AlignedArray<float>(whole);
    linear_.sums_ = AlignedArray<float>(whole);
    linear_.exact_ = ExactRows(depth, whole);
  } else {
    linear_.weights_ = AlignedArray<float>(whole * depth);
  }
}

void LinearPacker::add(const Tensor& weight, const Tensor& bias, Spread in, Spread out, std::size_t column) {
  if (int8_) linear_.exact_.add(weight, in, out, column);
  for (std::size_t i = 0; i < out.count(); ++i) {
    for (std::size_t group = 0; group < in.groups; ++group)
      copy_elements(weight, i * in.count() + group * in.group, in.group, row_.data() + group * in.stride);
    const std::size_t at = column + out.place(i);
    linear_.bias_.data()[at] = element(bias, i);
    if (int8_) {
      pack_int8(at);
    } else {
      pack_f32(at);
    }
  }
}

void LinearPacker::pack_f32(std::size_t column) {
  float* to = linear_.weights_.data() + column / kPanel * kPanel * linear_.depth_ + column % kPanel;
  for (const float value : row_) {
    *to = value;
    to += kPanel;
  }
}

void LinearPacker::pack_int8(std::size_t column) {
  float largest = 0;
  for (const float value : row_) largest = std::max(largest, std::fabs(value));
  const float inverse = largest > 0 ? kByteMax / largest : 0;
  std::int8_t* to =
      linear_.bytes_.data() + column / kPanel * kPanel * linear_.depth_ + column % kPanel * kGroup;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < row_.size(); i += kGroup) {
    for (std::size_t j = 0; j < kGroup; ++j) {
      const float scaled = row_[i + j] * inverse;
      to[j] = static_cast<std::int8_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
      sum += to[j];
    }
    to += kPanel * kGroup;
  }
  linear_.scales_.data()[column] = largest / kByteMax;
  linear_.sums_.data()[column] = static_cast<float>(sum);
}

}  // namespace weir::model::bert

// model/embedders/bert/linear_packer.h: the matrices of a checkpoint → the panels of the kernels, and int8.
#pragma once

#include <vector>

#include "model/embedders/bert/weights.h"

namespace weir::model::bert {

// Int8: each column is scaled by its own largest weight.
class LinearPacker {
 public:
  LinearPacker(std::size_t depth, std::size_t columns, Activation activation, bool int8);
  // A matrix [out][in] and its bias, whose first output is `column`.
  void add(const Tensor& weight, const Tensor& bias, Spread in, Spread out, std::size_t column);
  Linear take() { return std::move(linear_); }

 private:
  void pack_f32(std::size_t column);
  void pack_int8(std::size_t column);

  const bool int8_;
  Linear linear_;
  std::vector<float> row_;  // the weights of one column, spread
};

}  // namespace weir::model::bert

// model/embedders/bert/exact_rows.h: single rows of a matrix in f32 beside its integers, for the few inputs
// of a token that are far larger than all its others. Without them one such input takes the steps of all.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "model/embedders/bert/safetensors.h"

namespace weir::model::bert {

// Where the numbers of an axis go: `groups` of `group` numbers, each group `stride` after the one before.
// What lies between stays zero.
struct Spread {
  std::size_t groups, group, stride;
  std::size_t count() const { return groups * group; }
  std::size_t place(std::size_t i) const { return i / group * stride + i % group; }
};

class ExactRows {
 public:
  ExactRows() = default;
  ExactRows(std::size_t depth, std::size_t columns);
  ExactRows(ExactRows&& other) = default;
  ExactRows& operator=(ExactRows&& other) = default;
  ~ExactRows();

  // A matrix [out][in] whose first output is `column`. It stays where it is, and is read when a row is asked
  // for.
  void add(const Tensor& weight, Spread in, Spread out, std::size_t column);
  // The weights of one input for all outputs. From any thread; made by the first that asks, then kept.
  const float* row(std::size_t input) const;

 private:
  struct Part {
    const Tensor* weight;
    Spread in, out;
    std::size_t column;
  };
  std::unique_ptr<float[]> make(std::size_t input) const;

  std::size_t depth_ = 0, columns_ = 0;
  std::vector<Part> parts_;
  std::unique_ptr<std::atomic<const float*>[]> rows_;
};

}  // namespace weir::model::bert

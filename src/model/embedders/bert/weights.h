// model/embedders/bert/weights.h: a model's numbers in the order in which the kernels read them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/embedders/bert/aligned_array.h"
#include "model/embedders/bert/exact_rows.h"
#include "model/embedders/bert/kernels.h"
#include "model/embedders/bert/model_files.h"
#include "model/embedders/bert/safetensors.h"

namespace weir::model::bert {

// Widths of the rows between the layers: the model's, padded to kLane; heads each for itself.
struct Widths {
  std::size_t hidden, intermediate, head, heads;
  std::size_t attention() const { return head * heads; }

  static Widths of(const ModelDescription& model);
};

// A linear layer in f32 or in int8, as the kernels take it.
class Linear {
 public:
  LinearF32 f32() const;
  LinearInt8 int8() const;
  const ExactRows& exact() const { return exact_; }  // of int8 only

 private:
  friend class LinearPacker;
  std::size_t depth_ = 0, columns_ = 0;
  Activation activation_ = Activation::none;
  AlignedArray<float> weights_, bias_;
  AlignedArray<std::int8_t> bytes_;
  AlignedArray<float> scales_, sums_;
  ExactRows exact_;
};

struct NormWeights {
  AlignedArray<float> weight, bias;
};

struct LayerWeights {
  Linear attention_in;  // queries, keys and values in one
  Linear attention_out, intermediate, output;
  NormWeights attention_norm, output_norm;
};

// Reads what the kernels need from the tensors; the word table alone stays in the file, where each text
// touches a few rows of it.
struct Weights {
  const Tensor* words = nullptr;  // [vocabulary][hidden]; into the file
  AlignedArray<float> positions;  // [tokens_max][padded hidden], the type's vector added
  NormWeights embedding_norm;
  std::vector<LayerWeights> layers;

  // invalid_request: a tensor is missing, or its type or shape is not what config.json says.
  static Result<Weights> load(const Safetensors& file, const ModelDescription& model, bool int8);
};

// One number of a tensor of type f32, f16 or bf16.
float element(const Tensor& tensor, std::size_t index);

}  // namespace weir::model::bert

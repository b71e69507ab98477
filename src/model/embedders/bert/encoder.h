// model/embedders/bert/encoder.h: a BERT encoder: tokens → one vector of length 1 for each text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/embedders/bert/aligned_array.h"
#include "model/embedders/bert/kernels.h"
#include "model/embedders/bert/model_files.h"
#include "model/embedders/bert/safetensors.h"
#include "model/embedders/bert/weights.h"
#include "model/embedders/bert/wordpiece.h"

namespace weir::model::bert {

// The tokens of several texts, one after the other and without padding.
struct TokenBatch {
  std::vector<TokenId> tokens;
  std::vector<std::size_t> ends;  // of each text in `tokens`
};

// What one thread computes in; used for one batch after the other, it grows to the largest.
class Workspace {
 private:
  friend class Encoder;
  void reserve(std::size_t tokens, std::size_t longest, const Widths& widths);
  AlignedArray<float> hidden, wide, narrow, scratch, steps, lows;
  AlignedArray<std::uint8_t> bytes;
  std::vector<Outlier> outliers;
  std::vector<const float*> outlier_weights;
};

// Immutable: any thread may encode, each in a workspace of its own.
class Encoder {
 public:
  // `kernels` lives as long as the encoder. Errors: of describe_model, Safetensors and Weights.
  static Result<std::unique_ptr<Encoder>> load(const std::filesystem::path& directory,
                                               const Kernels& kernels);

  const ModelDescription& model() const { return model_; }
  const WordPiece& tokenizer() const { return tokenizer_; }
  const Kernels& kernels() const { return kernels_; }
  const std::string& revision() const { return revision_; }  // SHA-256 of the weights' file, in hex

  // Every text has at least one token and at most model().tokens_max; `out` has hidden_size floats for each.
  void encode(const TokenBatch& batch, Workspace& workspace, std::span<float> out) const;

 private:
  Encoder(ModelDescription model, WordPiece tokenizer, Safetensors file, Weights weights,
          std::string revision, const Kernels& kernels);
  void embed(const TokenBatch& batch, Workspace& workspace) const;
  void run_layer(const LayerWeights& layer, const TokenBatch& batch, Workspace& workspace) const;
  void apply(const Linear& layer, float* rows, std::size_t count, Workspace& workspace, float* out) const;
  Norm norm_of(const NormWeights& weights) const;
  void pool(const float* rows, std::size_t count, float* out) const;

  const ModelDescription model_;
  const Widths widths_;
  const WordPiece tokenizer_;
  const Safetensors file_;
  const Weights weights_;  // views into file_
  const std::string revision_;
  const Kernels& kernels_;
};

}  // namespace weir::model::bert

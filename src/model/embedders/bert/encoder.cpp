#include "model/embedders/bert/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/digest.h"
#include "base/text.h"

namespace weir::model::bert {
namespace {

// What `sha256sum model.safetensors` printed when the model was fetched; empty: nobody noted it.
std::string noted_digest(const std::filesystem::path& directory) {
  std::ifstream file(directory / "model.safetensors.sha256");
  std::string digest;
  file >> digest;
  return digest;
}

}  // namespace

void Workspace::reserve(std::size_t tokens, std::size_t longest, const Widths& widths) {
  const std::size_t widest = std::max(3 * widths.attention(), widths.intermediate);
  const std::size_t narrowest = std::max(widths.hidden, widths.attention());
  hidden.reserve(tokens * widths.hidden);
  wide.reserve(tokens * widest);
  narrow.reserve(tokens * narrowest);
  bytes.reserve(tokens * std::max(widest, narrowest));
  steps.reserve(tokens);
  lows.reserve(tokens);
  outliers.resize(std::max(outliers.size(), tokens * kOutliers));
  outlier_weights.resize(outliers.size());
  scratch.reserve(
      attention_scratch(longest, {.heads = widths.heads, .head_stride = widths.head, .scale = 1}));
}

Result<std::unique_ptr<Encoder>> Encoder::load(const std::filesystem::path& directory,
                                               const Kernels& kernels) {
  auto file = Safetensors::open(directory / "model.safetensors");
  if (!file) return fail(file);
  // The digest takes about as long as all the rest.
  std::string revision;
  std::thread hashing([&] { revision = to_hex(sha256(file->file().bytes())); });
  auto model = describe_model(directory);
  Result<WordPiece> tokenizer = fail(Code::internal, "");
  Result<Weights> weights = fail(Code::internal, "");
  if (model) {
    tokenizer = WordPiece::make(std::move(model->vocabulary), model->tokenizer);
    weights = Weights::load(*file, *model, kernels.linear_int8 != nullptr);
  }
  hashing.join();
  if (!model) return fail(model);
  if (!tokenizer) return fail(tokenizer);
  if (!weights) return fail(weights);
  const std::string noted = noted_digest(directory);
  if (!noted.empty() && noted != revision)
    return fail(
        Code::invalid_request,
        (directory / "model.safetensors").string() + " has not the SHA-256 of model.safetensors.sha256",
        "fetch the model again");
  file->file().release_pages();
  return std::unique_ptr<Encoder>(new Encoder(*std::move(model), *std::move(tokenizer), *std::move(file),
                                              *std::move(weights), std::move(revision), kernels));
}

Encoder::Encoder(ModelDescription model, WordPiece tokenizer, Safetensors file, Weights weights,
                 std::string revision, const Kernels& kernels)
    : model_(std::move(model)),
      widths_(Widths::of(model_)),
      tokenizer_(std::move(tokenizer)),
      file_(std::move(file)),
      weights_(std::move(weights)),
      revision_(std::move(revision)),
      kernels_(kernels) {}

void Encoder::encode(const TokenBatch& batch, Workspace& workspace, std::span<float> out) const {
  std::size_t longest = 0, begin = 0;
  for (const std::size_t end : batch.ends) {
    longest = std::max(longest, end - begin);
    begin = end;
  }
  WEIR_ASSERT(begin == batch.tokens.size() && longest <= model_.tokens_max);
  WEIR_ASSERT(out.size() == batch.ends.size() * model_.hidden_size);
  workspace.reserve(batch.tokens.size(), longest, widths_);
  embed(batch, workspace);
  for (const LayerWeights& layer : weights_.layers) run_layer(layer, batch, workspace);
  begin = 0;
  for (std::size_t i = 0; i < batch.ends.size(); ++i) {
    pool(workspace.hidden.data() + begin * widths_.hidden, batch.ends[i] - begin,
         out.data() + i * model_.hidden_size);
    begin = batch.ends[i];
  }
}

void Encoder::embed(const TokenBatch& batch, Workspace& workspace) const {
  const std::size_t width = model_.hidden_size, stride = widths_.hidden;
  std::size_t row = 0;
  for (const std::size_t end : batch.ends) {
    for (std::size_t position = 0; row < end; ++row, ++position) {
      float* const to = workspace.hidden.data() + row * stride;
      const float* const place = weights_.positions.data() + position * stride;
      const std::size_t from = batch.tokens[row] * width;
      if (weights_.words->type == TensorType::f32) {
        std::memcpy(to, weights_.words->bytes.data() + from * sizeof(float), width * sizeof(float));
      } else {
        for (std::size_t i = 0; i < width; ++i) to[i] = element(*weights_.words, from + i);
      }
      for (std::size_t i = 0; i < width; ++i) to[i] += place[i];
      std::fill(to + width, to + stride, 0.0F);
    }
  }
  kernels_.add_and_normalise(workspace.hidden.data(), nullptr, batch.tokens.size(),
                             norm_of(weights_.embedding_norm));
}

void Encoder::run_layer(const LayerWeights& layer, const TokenBatch& batch, Workspace& workspace) const {
  const std::size_t count = batch.tokens.size();
  const AttentionShape shape{.heads = widths_.heads,
                             .head_stride = widths_.head,
                             .scale = 1 / std::sqrt(static_cast<float>(model_.hidden_size / model_.heads))};
  float* const hidden = workspace.hidden.data();
  float* const wide = workspace.wide.data();
  float* const narrow = workspace.narrow.data();
  apply(layer.attention_in, hidden, count, workspace, wide);
  std::size_t begin = 0;
  for (const std::size_t end : batch.ends) {
    kernels_.attend(wide + begin * 3 * widths_.attention(), end - begin, shape, workspace.scratch.data(),
                    narrow + begin * widths_.attention());
    begin = end;
  }
  apply(layer.attention_out, narrow, count, workspace, wide);
  kernels_.add_and_normalise(hidden, wide, count, norm_of(layer.attention_norm));
  apply(layer.intermediate, hidden, count, workspace, wide);
  apply(layer.output, wide, count, workspace, narrow);
  kernels_.add_and_normalise(hidden, narrow, count, norm_of(layer.output_norm));
}

void Encoder::apply(const Linear& layer, float* rows, std::size_t count, Workspace& workspace,
                    float* out) const {
  if (kernels_.linear_int8 == nullptr) return kernels_.linear(rows, count, layer.f32(), out);
  const LinearInt8 int8 = layer.int8();
  kernels_.quantise(rows, count, int8.depth, workspace.bytes.data(), workspace.steps.data(),
                    workspace.lows.data(), workspace.outliers.data());
  for (std::size_t i = 0; i < count * kOutliers; ++i)
    workspace.outlier_weights[i] = layer.exact().row(workspace.outliers[i].input);
  const QuantisedRows quantised{workspace.bytes.data(), workspace.steps.data(), workspace.lows.data(),
                                workspace.outliers.data(), workspace.outlier_weights.data()};
  kernels_.linear_int8(quantised, count, int8, out);
}

Norm Encoder::norm_of(const NormWeights& weights) const {
  return {.weight = weights.weight.data(),
          .bias = weights.bias.data(),
          .width = model_.hidden_size,
          .stride = widths_.hidden,
          .epsilon = model_.norm_epsilon};
}

void Encoder::pool(const float* rows, std::size_t count, float* out) const {
  const std::size_t used = model_.pooling == Pooling::first ? 1 : count;
  std::fill_n(out, model_.hidden_size, 0.0F);
  for (std::size_t row = 0; row < used; ++row)
    for (std::size_t i = 0; i < model_.hidden_size; ++i) out[i] += rows[row * widths_.hidden + i];
  double squares = 0;
  for (std::size_t i = 0; i < model_.hidden_size; ++i) squares += static_cast<double>(out[i]) * out[i];
  const double inverse = squares > 0 ? 1 / std::sqrt(squares) : 0;
  for (std::size_t i = 0; i < model_.hidden_size; ++i) out[i] = static_cast<float>(out[i] * inverse);
}

}  // namespace weir::model::bert

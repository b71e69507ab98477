#include "model/embedders/bert/weights.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "model/embedders/bert/linear_packer.h"

namespace weir::model::bert {
namespace {

std::size_t padded(std::size_t width) {
  return (width + kLane - 1) / kLane * kLane;
}

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16, fraction = bits & 0x3FFU;
  const int exponent = (bits >> 10) & 0x1F;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : static_cast<std::uint32_t>(exponent + 112);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

// Finds tensors by their names in a file, with or without a prefix before all of them.
class Loader {
 public:
  Loader(const Safetensors& file, const ModelDescription& model, bool int8)
      : file_(file), model_(model), widths_(Widths::of(model)), int8_(int8) {
    if (file.find("bert.embeddings.word_embeddings.weight") != nullptr) prefix_ = "bert.";
  }

  Result<Weights> load() {
    Weights weights;
    weights.words = tensor("embeddings.word_embeddings.weight", {model_.vocabulary_size, model_.hidden_size});
    load_positions(weights);
    load_norm("embeddings.LayerNorm", weights.embedding_norm);
    weights.layers.resize(model_.layers);
    for (std::size_t i = 0; i < weights.layers.size() && wrong_.empty(); ++i)
      load_layer("encoder.layer." + std::to_string(i) + ".", weights.layers[i]);
    if (!wrong_.empty()) return fail(Code::invalid_request, "model.safetensors: " + wrong_);
    return weights;
  }

 private:
  // nullptr, and `wrong_` says why, when it is not there in this shape.
  const Tensor* tensor(const std::string& name, std::vector<std::uint64_t> shape) {
    const Tensor* const found = file_.find(prefix_ + name);
    if (found == nullptr) {
      wrong_ = "no tensor \"" + prefix_ + name + "\"";
    } else if (found->type == TensorType::other) {
      wrong_ = "the tensor \"" + prefix_ + name + "\" is none of F32, F16, BF16";
    } else if (found->shape != shape) {
      wrong_ = "the tensor \"" + prefix_ + name + "\" is not of config.json's sizes";
    } else {
      return found;
    }
    return nullptr;
  }

  void load_positions(Weights& weights) {
    const Tensor* const positions =
        tensor("embeddings.position_embeddings.weight", {model_.positions, model_.hidden_size});
    const Tensor* const types = file_.find(prefix_ + "embeddings.token_type_embeddings.weight");
    if (positions == nullptr) return;
    if (types != nullptr && (types->type == TensorType::other || types->elements < model_.hidden_size)) {
      wrong_ = "the tensor of token types is not of config.json's sizes";
      return;
    }
    weights.positions = AlignedArray<float>(model_.tokens_max * widths_.hidden);
    for (std::size_t row = 0; row < model_.tokens_max; ++row)
      for (std::size_t i = 0; i < model_.hidden_size; ++i)
        weights.positions.data()[row * widths_.hidden + i] =
            element(*positions, row * model_.hidden_size + i) + (types == nullptr ? 0 : element(*types, i));
  }

  void load_norm(const std::string& name, NormWeights& norm) {
    // TensorFlow's first checkpoints called them gamma and beta.
    const bool old = file_.find(prefix_ + name + ".gamma") != nullptr;
    const Tensor* const weight = tensor(name + (old ? ".gamma" : ".weight"), {model_.hidden_size});
    const Tensor* const bias = tensor(name + (old ? ".beta" : ".bias"), {model_.hidden_size});
    if (weight == nullptr || bias == nullptr) return;
    norm.weight = AlignedArray<float>(widths_.hidden);
    norm.bias = AlignedArray<float>(widths_.hidden);
    for (std::size_t i = 0; i < model_.hidden_size; ++i) {
      norm.weight.data()[i] = element(*weight, i);
      norm.bias.data()[i] = element(*bias, i);
    }
  }

  void load_linear(const std::string& name, Spread in, Spread out, std::size_t column, LinearPacker& packer) {
    const Tensor* const weight = tensor(name + ".weight", {out.count(), in.count()});
    const Tensor* const bias = tensor(name + ".bias", {out.count()});
    if (weight != nullptr && bias != nullptr) packer.add(*weight, *bias, in, out, column);
  }

  void load_layer(const std::string& name, LayerWeights& layer) {
    const Spread hidden{.groups = 1, .group = model_.hidden_size, .stride = widths_.hidden};
    const Spread inner{.groups = 1, .group = model_.intermediate_size, .stride = widths_.intermediate};
    const Spread heads{
        .groups = model_.heads, .group = model_.hidden_size / model_.heads, .stride = widths_.head};
    LinearPacker in(widths_.hidden, 3 * widths_.attention(), Activation::none, int8_);
    load_linear(name + "attention.self.query", hidden, heads, 0, in);
    load_linear(name + "attention.self.key", hidden, heads, widths_.attention(), in);
    load_linear(name + "attention.self.value", hidden, heads, 2 * widths_.attention(), in);
    layer.attention_in = in.take();
    LinearPacker out(widths_.attention(), widths_.hidden, Activation::none, int8_);
    load_linear(name + "attention.output.dense", heads, hidden, 0, out);
    layer.attention_out = out.take();
    const bool relu = model_.activation == HiddenActivation::relu;
    LinearPacker middle(widths_.hidden, widths_.intermediate, relu ? Activation::relu : Activation::gelu,
                        int8_);
    load_linear(name + "intermediate.dense", hidden, inner, 0, middle);
    layer.intermediate = middle.take();
    LinearPacker last(widths_.intermediate, widths_.hidden, Activation::none, int8_);
    load_linear(name + "output.dense", inner, hidden, 0, last);
    layer.output = last.take();
    load_norm(name + "attention.output.LayerNorm", layer.attention_norm);
    load_norm(name + "output.LayerNorm", layer.output_norm);
  }

  const Safetensors& file_;
  const ModelDescription& model_;
  const Widths widths_;
  const bool int8_;
  std::string prefix_;
  std::string wrong_;  // the last thing that was; empty: nothing
};

}  // namespace

Widths Widths::of(const ModelDescription& model) {
  return {.hidden = padded(model.hidden_size),
          .intermediate = padded(model.intermediate_size),
          .head = padded(model.hidden_size / model.heads),
          .heads = model.heads};
}

LinearF32 Linear::f32() const {
  return {weights_.data(), bias_.data(), depth_, columns_, activation_};
}

LinearInt8 Linear::int8() const {
  return {bytes_.data(), scales_.data(), sums_.data(), bias_.data(), depth_, columns_, activation_};
}

Result<Weights> Weights::load(const Safetensors& file, const ModelDescription& model, bool int8) {
  return Loader(file, model, int8).load();
}

float element(const Tensor& tensor, std::size_t index) {
  if (tensor.type == TensorType::f32) {
    float value;
    std::memcpy(&value, tensor.bytes.data() + index * sizeof value, sizeof value);
    return value;
  }
  std::uint16_t bits;
  std::memcpy(&bits, tensor.bytes.data() + index * sizeof bits, sizeof bits);
  if (tensor.type == TensorType::f16) return from_half(bits);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace weir::model::bert

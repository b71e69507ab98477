// Every set of kernels that this processor has, against the plainest loops in double precision.
#include "model/embedders/bert/kernels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "model/embedders/bert/linear_packer.h"

namespace weir::model::bert {
namespace {

using Numbers = std::vector<float>;

Numbers some_numbers(std::size_t count, Random& random, float scale = 1) {
  Numbers numbers(count);
  for (float& number : numbers) number = scale * static_cast<float>(2 * random.next_unit() - 1);
  return numbers;
}

Tensor tensor_of(const Numbers& numbers) {
  Tensor tensor;
  tensor.type = TensorType::f32;
  tensor.elements = numbers.size();
  tensor.bytes = {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
  return tensor;
}

double activated(double x, Activation kind) {
  if (kind == Activation::gelu) return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
  return kind == Activation::relu ? std::max(x, 0.0) : x;
}

struct Case {
  std::size_t rows, depth, columns;
};
constexpr Case kCases[] = {{1, 16, 16}, {5, 32, 48}, {12, 64, 64}, {13, 48, 112}, {31, 80, 96}};

// x · W + bias as a layer of the kernels, and in double precision. Stays where it is made.
struct Product {
  Numbers rows, weights, bias;
  Tensor weight, biases;  // which the layer reads again later
  Linear linear;
  Case size;

  Product(Case of, Activation kind, bool int8, Random& random)
      : rows(some_numbers(of.rows * of.depth, random)),
        weights(some_numbers(of.columns * of.depth, random, 0.2F)),
        bias(some_numbers(of.columns, random)),
        size(of) {
    weight = tensor_of(weights);
    biases = tensor_of(bias);
    LinearPacker packer(of.depth, of.columns, kind, int8);
    packer.add(weight, biases, {1, of.depth, of.depth}, {1, of.columns, of.columns}, 0);
    linear = packer.take();
  }
  double expected(std::size_t row, std::size_t column, Activation kind) const {
    double sum = bias[column];
    for (std::size_t k = 0; k < size.depth; ++k)
      sum += static_cast<double>(rows[row * size.depth + k]) * weights[column * size.depth + k];
    return activated(sum, kind);
  }
};

constexpr Activation kActivations[] = {Activation::none, Activation::gelu, Activation::relu};

TEST_CASE("kernels: the plain ones are always there, and names are found") {
  CHECK(usable_kernels().front()->name == "plain");
  CHECK(find_kernels("auto") == usable_kernels().back());
  CHECK(find_kernels("abacus") == nullptr);
}

TEST_CASE("kernels: linear layers in f32") {
  SeededRandom random(1);
  for (const Kernels* kernels : usable_kernels()) {
    CAPTURE(kernels->name);
    for (const Case size : kCases) {
      for (const Activation kind : kActivations) {
        const Product product(size, kind, false, random);
        Numbers out(size.rows * size.columns);
        kernels->linear(product.rows.data(), size.rows, product.linear.f32(), out.data());
        double worst = 0;
        for (std::size_t i = 0; i < out.size(); ++i)
          worst =
              std::max(worst, std::fabs(out[i] - product.expected(i / size.columns, i % size.columns, kind)));
        CHECK(worst < 5e-6);
      }
    }
  }
}

TEST_CASE("kernels: quantised rows give the numbers back within half a step") {
  SeededRandom random(2);
  for (const Kernels* kernels : usable_kernels()) {
    CAPTURE(kernels->name);
    constexpr std::size_t kRows = 7, kWidth = 96;
    Numbers rows = some_numbers(kRows * kWidth, random);
    rows[3] = 40;  // an outlier, which must not widen the steps of the others
    for (std::size_t i = 0; i < kWidth; ++i) rows[2 * kWidth + i] = 0.25F;
    const Numbers before = rows;
    std::vector<std::uint8_t> bytes(rows.size());
    Numbers steps(kRows), lows(kRows);
    std::vector<Outlier> outliers(kRows * kOutliers);
    kernels->quantise(rows.data(), kRows, kWidth, bytes.data(), steps.data(), lows.data(), outliers.data());
    CHECK(rows == before);
    CHECK(outliers[0].input == 3);
    CHECK(outliers[0].value == 40);
    CHECK(steps[0] < 2.01F / 255);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t row = i / kWidth;
      double value = lows[row] + static_cast<double>(steps[row]) * bytes[i];
      for (std::size_t j = row * kOutliers; j < (row + 1) * kOutliers; ++j)
        if (outliers[j].input == i % kWidth && outliers[j].value != 0) value += outliers[j].value;
      CHECK(std::fabs(value - rows[i]) <= 0.51 * steps[row] + 1e-6);
    }
  }
}

TEST_CASE("kernels: linear layers in int8") {
  SeededRandom random(3);
  for (const Kernels* kernels : usable_kernels()) {
    if (kernels->linear_int8 == nullptr) continue;
    CAPTURE(kernels->name);
    for (const Case size : kCases) {
      for (const Activation kind : kActivations) {
        Product product(size, kind, true, random);
        product.rows[size.depth / 2] = -30;
        std::vector<std::uint8_t> bytes(product.rows.size());
        Numbers steps(size.rows), lows(size.rows), out(size.rows * size.columns);
        std::vector<Outlier> outliers(size.rows * kOutliers);
        std::vector<const float*> weights;
        kernels->quantise(product.rows.data(), size.rows, size.depth, bytes.data(), steps.data(), lows.data(),
                          outliers.data());
        for (const Outlier& outlier : outliers) weights.push_back(product.linear.exact().row(outlier.input));
        kernels->linear_int8({bytes.data(), steps.data(), lows.data(), outliers.data(), weights.data()},
                             size.rows, product.linear.int8(), out.data());
        // Each of the products is off by at most half a step of either factor.
        const double bound = 0.5 * static_cast<double>(size.depth) * (2.0 / 255 * 0.2 + 0.2 / 127);
        for (std::size_t i = 0; i < out.size(); ++i) {
          const double expected = product.expected(i / size.columns, i % size.columns, kind);
          CHECK(std::fabs(out[i] - expected) < 1.2 * bound);
        }
      }
    }
  }
}

TEST_CASE("kernels: adding and normalising, with padding behind the rows") {
  SeededRandom random(4);
  constexpr std::size_t kRows = 3, kWidth = 37, kStride = 48;
  for (const Kernels* kernels : usable_kernels()) {
    CAPTURE(kernels->name);
    Numbers x(kRows * kStride), added(x.size()), weight(kStride), bias(kStride);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i % kStride >= kWidth) continue;
      x[i] = some_numbers(1, random)[0];
      added[i] = some_numbers(1, random, 3)[0];
      weight[i % kStride] = 1.5F;
      bias[i % kStride] = -0.25F;
    }
    const Numbers before = x;
    kernels->add_and_normalise(x.data(), added.data(), kRows,
                               {weight.data(), bias.data(), kWidth, kStride, 1e-12F});
    for (std::size_t row = 0; row < kRows; ++row) {
      const auto sum = [&](std::size_t i) {
        return static_cast<double>(before[row * kStride + i]) + added[row * kStride + i];
      };
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < kWidth; ++i) mean += sum(i) / kWidth;
      for (std::size_t i = 0; i < kWidth; ++i) variance += (sum(i) - mean) * (sum(i) - mean) / kWidth;
      for (std::size_t i = 0; i < kWidth; ++i)
        CHECK(std::fabs(x[row * kStride + i] - ((sum(i) - mean) / std::sqrt(variance) * 1.5 - 0.25)) < 1e-5);
      for (std::size_t i = kWidth; i < kStride; ++i) CHECK(x[row * kStride + i] == 0);
    }
  }
}

TEST_CASE("kernels: attention") {
  SeededRandom random(5);
  constexpr std::size_t kHeads = 2, kHead = 48, kWidth = kHeads * kHead;
  const AttentionShape shape{kHeads, kHead, 0.3F};
  for (const Kernels* kernels : usable_kernels()) {
    CAPTURE(kernels->name);
    for (const std::size_t length : {1UZ, 7UZ, 32UZ, 45UZ}) {
      const Numbers rows = some_numbers(length * 3 * kWidth, random, 2);
      Numbers scratch(attention_scratch(length, shape)), out(length * kWidth);
      kernels->attend(rows.data(), length, shape, scratch.data(), out.data());
      double worst = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t row = i / kWidth, head = i % kWidth / kHead;
        double weights = 0, sum = 0;
        for (std::size_t other = 0; other < length; ++other) {
          double score = 0;
          for (std::size_t k = 0; k < kHead; ++k)
            score += static_cast<double>(rows[row * 3 * kWidth + head * kHead + k]) *
                     rows[other * 3 * kWidth + kWidth + head * kHead + k];
          const double weight = std::exp(score * 0.3);
          weights += weight;
          sum += weight * rows[other * 3 * kWidth + 2 * kWidth + i % kWidth];
        }
        worst = std::max(worst, std::fabs(out[i] - sum / weights));
      }
      CHECK(worst < 2e-5);
    }
  }
}

}  // namespace
}  // namespace weir::model::bert

#include "data/scan/block.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace weir::data {

ScanVector scan_vector(std::span<const float> values) {
  const std::size_t dimensions = padded(static_cast<std::uint32_t>(values.size()));
  ScanVector out;
  out.values.assign(values.begin(), values.end());
  out.values.resize(dimensions);
  out.signs.resize(dimensions / 64);
  out.codes.resize(dimensions);
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  out.scale = largest / 127;
  const float inverse = largest > 0 ? 127 / largest : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.codes[i] = static_cast<std::int8_t>(std::lrint(values[i] * inverse));
    if (values[i] > 0) out.signs[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  return out;
}

ScanBlock::ScanBlock(std::uint32_t dimensions)
    : dimensions_(padded(dimensions)),
      signs_(kRows * dimensions_ / 64),
      codes_(kRows * dimensions_),
      halves_(kRows * dimensions_) {}

void ScanBlock::set_signs(std::size_t row, std::size_t word, std::uint64_t bits) {
  const std::size_t group = row / kRowsTogether;
  signs_[(group * (dimensions_ / 64) + word) * kRowsTogether + row % kRowsTogether] = bits;
}

void ScanBlock::append(Owner owner, const ScanVector& vector, std::span<const std::uint16_t> halves) {
  WEIR_ASSERT(!full() && vector.codes.size() == dimensions_ && halves.size() <= dimensions_);
  const std::size_t row = size_++;
  for (std::size_t word = 0; word < vector.signs.size(); ++word) set_signs(row, word, vector.signs[word]);
  std::ranges::copy(vector.codes, codes_.begin() + static_cast<std::ptrdiff_t>(row * dimensions_));
  std::ranges::copy(halves, halves_.begin() + static_cast<std::ptrdiff_t>(row * dimensions_));
  scales_[row] = vector.scale;
  owners_[row] = std::move(owner);
}

void ScanBlock::append(const ScanBlock& other, std::size_t row, std::uint32_t document) {
  WEIR_ASSERT(!full() && dimensions_ == other.dimensions_);
  const std::size_t target = size_++;
  const std::size_t words = dimensions_ / 64;
  for (std::size_t word = 0; word < words; ++word) {
    const std::size_t group = row / kRowsTogether;
    set_signs(target, word, other.signs_[(group * words + word) * kRowsTogether + row % kRowsTogether]);
  }
  const auto copy_row = [&](const auto& from, auto& to) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(row * dimensions_), dimensions_,
                to.begin() + static_cast<std::ptrdiff_t>(target * dimensions_));
  };
  copy_row(other.codes_, codes_);
  copy_row(other.halves_, halves_);
  scales_[target] = other.scales_[row];
  owners_[target] = other.owners_[row];
  owners_[target].document = document;
}

std::size_t ScanBlock::size_bytes() const {
  return sizeof(*this) + signs_.size() * sizeof(std::uint64_t) + codes_.size() +
         halves_.size() * sizeof(std::uint16_t);
}

}  // namespace weir::data

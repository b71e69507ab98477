// data/scan/block.h: 64 vectors side by side, each as sign bits, as 8-bit codes and in half precision.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/scan/kernels.h"

namespace weir::data {

// Dimensions as the kernels read them; what is added is zero.
constexpr std::size_t padded(std::uint32_t dimensions) {
  return (std::size_t{dimensions} + 63) / 64 * 64;
}

// A vector as the kernels compare it with rows; also what a row is made from.
struct ScanVector {
  std::vector<std::uint64_t> signs;
  std::vector<std::int8_t> codes;
  float scale = 0;  // of the codes
  std::vector<float> values;
};
ScanVector scan_vector(std::span<const float> values);

class ScanBlock {
 public:
  static constexpr std::size_t kRows = 64;

  explicit ScanBlock(std::uint32_t dimensions);

  struct Owner {
    std::shared_ptr<const std::string> document_id;
    std::uint32_t document = 0;  // its number in the index
    std::uint32_t ordinal = 0;   // of the passage
  };

  std::size_t size() const { return size_; }
  bool full() const { return size_ == kRows; }
  // The block is not full.
  void append(Owner owner, const ScanVector& vector, std::span<const std::uint16_t> halves);
  void append(const ScanBlock& other, std::size_t row, std::uint32_t document);  // a copy of another's row

  const Owner& owner(std::size_t row) const { return owners_[row]; }
  void sign_distances(const ScanKernels& kernels, const ScanVector& query, std::uint16_t* out) const {
    kernels.sign_distances(query.signs.data(), signs_.data(), kRows, dimensions_ / 64, out);
  }
  float coarse_score(const ScanKernels& kernels, const ScanVector& query, std::size_t row) const {
    const auto dot = kernels.dot_codes(codes_.data() + row * dimensions_, query.codes.data(), dimensions_);
    return static_cast<float>(dot) * scales_[row] * query.scale;
  }
  float score(const ScanKernels& kernels, const ScanVector& query, std::size_t row) const {
    return kernels.dot_halves(halves_.data() + row * dimensions_, query.values.data(), dimensions_);
  }
  std::size_t size_bytes() const;

 private:
  void set_signs(std::size_t row, std::size_t word, std::uint64_t bits);

  std::size_t dimensions_;  // padded
  std::size_t size_ = 0;
  std::vector<std::uint64_t> signs_;  // in groups of kRowsTogether
  std::vector<std::int8_t> codes_;
  std::array<float, kRows> scales_{};
  std::vector<std::uint16_t> halves_;
  std::array<Owner, kRows> owners_;
};

}  // namespace weir::data

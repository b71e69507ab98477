#include "model/embedders/bert/exact_rows.h"

#include "model/embedders/bert/weights.h"

namespace weir::model::bert {

ExactRows::ExactRows(std::size_t depth, std::size_t columns)
    : depth_(depth), columns_(columns), rows_(new std::atomic<const float*>[depth]()) {}

ExactRows::~ExactRows() {
  if (rows_ == nullptr) return;
  for (std::size_t i = 0; i < depth_; ++i) delete[] rows_[i].load();
}

void ExactRows::add(const Tensor& weight, Spread in, Spread out, std::size_t column) {
  parts_.push_back({&weight, in, out, column});
}

const float* ExactRows::row(std::size_t input) const {
  const float* known = rows_[input].load(std::memory_order_acquire);
  if (known != nullptr) return known;
  std::unique_ptr<float[]> made = make(input);
  if (rows_[input].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
    return made.release();
  return known;  // another thread was first
}

std::unique_ptr<float[]> ExactRows::make(std::size_t input) const {
  auto row = std::make_unique<float[]>(columns_);
  for (const Part& part : parts_) {
    if (input % part.in.stride >= part.in.group) continue;  // padding, which is zero
    const std::size_t index = input / part.in.stride * part.in.group + input % part.in.stride;
    for (std::size_t i = 0; i < part.out.count(); ++i)
      row[part.column + part.out.place(i)] = element(*part.weight, i * part.in.count() + index);
  }
  return row;
}

}  // namespace weir::model::bert

// model/embedders/bert/aligned_array.h: numbers that begin at a cache line, so that no vector of them lies
// across two.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace weir::model::bert {

template <class T>
class AlignedArray {
 public:
  AlignedArray() = default;
  // Zeros.
  explicit AlignedArray(std::size_t size) : size_(size), values_(allocate(size)) {
    std::fill_n(values_.get(), size, T{});
  }

  // Room for `size` of them; what was there is lost when it has to grow.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    values_.reset(allocate(size));
    size_ = size;
  }

  T* data() { return values_.get(); }
  const T* data() const { return values_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kCacheLine{64};
  struct Free {
    void operator()(T* values) const { ::operator delete(values, kCacheLine); }
  };
  static T* allocate(std::size_t size) {
    return static_cast<T*>(::operator new(std::max<std::size_t>(size, 1) * sizeof(T), kCacheLine));
  }

  std::size_t size_ = 0;
  std::unique_ptr<T, Free> values_;
};

}  // namespace weir::model::bert

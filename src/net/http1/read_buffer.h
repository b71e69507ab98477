// net/http1/read_buffer.h: the bytes that a connection has read and not yet used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace weir::net::http1 {

constexpr std::size_t kIdleBufferSize = 2 * 1024;   // what an idle connection or an open stream holds
constexpr std::size_t kBodyBufferSize = 16 * 1024;  // the largest piece of a body

class ReadBuffer {
 public:
  std::string_view readable() const { return {data_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t size) { begin_ += size; }
  void commit(std::size_t size) { end_ += size; }

  // Room for the next read, at least one byte; the readable bytes may move. An empty buffer takes
  // exactly `size`, one with bytes in it grows when it is full.
  std::span<char> prepare(std::size_t size) {
    if (empty()) {
      begin_ = end_ = 0;
      if (capacity_ != size) reallocate(size);
    } else if (end_ == capacity_) {
      if (begin_ > 0) {
        std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
      } else {
        reallocate(2 * capacity_);
      }
    }
    return {data_.get() + end_, capacity_ - end_};
  }

 private:
  void reallocate(std::size_t capacity) {
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy_n(data_.get() + begin_, end_ - begin_, grown.get());
    data_ = std::move(grown);
    end_ -= begin_;
    begin_ = 0;
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::net::http1

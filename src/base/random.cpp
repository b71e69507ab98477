#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace weir {
namespace {

void ask_kernel(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    WEIR_ASSERT(got > 0);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

std::uint64_t Random::next_u64() {
  std::uint64_t value = 0;
  fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

double Random::next_unit() {
  return static_cast<double>(next_u64() >> 11) * 0x1.0p-53;
}

void SystemRandom::fill(std::span<std::byte> bytes) {
  if (bytes.size() > store_.size() / 8) return ask_kernel(bytes);
  const std::lock_guard lock(mutex_);
  if (left_ < bytes.size()) {
    ask_kernel(store_);
    left_ = store_.size();
  }
  const auto given = std::span(store_).last(left_).first(bytes.size());
  std::ranges::copy(given, bytes.begin());
  std::ranges::fill(given, std::byte{0});
  left_ -= bytes.size();
}

void SeededRandom::fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    state_ += 0x9e3779b97f4a7c15ULL;  // splitmix64, Steele, Lea and Flood 2014
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    const std::size_t take = std::min(bytes.size(), sizeof z);
    std::memcpy(bytes.data(), &z, take);
    bytes = bytes.subspan(take);
  }
}

}  // namespace weir

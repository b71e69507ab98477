// edge/body_budget.h: how many bytes of request bodies may be in memory at once, over all requests.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace weir::edge {

// Thread-safe. Outlives the passes that hold of it.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  bool take(std::size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

// What one request holds of the budget; gives it back when it ends. One without a budget takes nothing and
// refuses nothing.
class BodyPass {
 public:
  BodyPass() = default;
  explicit BodyPass(BodyBudget& budget) : budget_(&budget) {}
  ~BodyPass() { release(); }
  BodyPass(BodyPass&& other) noexcept : budget_(other.budget_), held_(std::exchange(other.held_, 0)) {}
  BodyPass& operator=(BodyPass&&) = delete;

  // False: the budget is used up, and these bytes must not be kept.
  bool take(std::size_t bytes) {
    if (budget_ == nullptr) return true;
    if (!budget_->take(bytes)) return false;
    held_ += bytes;
    return true;
  }
  void release() {
    if (held_ > 0) budget_->give_back(std::exchange(held_, 0));
  }

 private:
  BodyBudget* budget_ = nullptr;
  std::size_t held_ = 0;
};

}  // namespace weir::edge

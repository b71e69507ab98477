// data/memory/limit_shard.h: a part of the subjects, with its lock.
#pragma once

#include <atomic>
#include <mutex>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/memory/limit_state.h"

namespace weir::data {

// Everything but the constructor needs the lock.
class LimitShard {
 public:
  explicit LimitShard(std::atomic<std::size_t>& subject_count) : subject_count_(subject_count) {}

  std::mutex& mutex() { return mutex_; }

  // Null: it is not there.
  LimitState* find(std::string_view subject) {
    const auto found = subjects_.find(subject);
    return found == subjects_.end() ? nullptr : &found->second.state;
  }
  // Null: it is new, and subjects_max are there. The limit is the one that it ends by.
  LimitState* find_or_add(std::string_view subject, const Limit& limit, LimitTime at,
                          std::size_t subjects_max);
  // Frees the subjects that are over, looking at no more than `looks_max` that may be.
  std::size_t release(LimitTime at, std::size_t looks_max);
  std::size_t size() const { return subjects_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Subject {
    LimitState state;
    Limit limit;
  };
  using Subjects = std::unordered_map<std::string, Subject, Hash, std::equal_to<>>;

  // When a subject may be looked at again: no later than its end. Each has one entry, brought up to date
  // when its time comes, so that a decision does not touch the queue.
  struct End {
    Monotonic at{};
    Subjects::value_type* subject = nullptr;  // stays where it is while the map grows
    bool operator>(const End& other) const { return at > other.at; }
  };

  std::atomic<std::size_t>& subject_count_;  // of all shards
  std::mutex mutex_;
  Subjects subjects_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace weir::data

#include "data/memory/limit_shard.h"

#include <algorithm>

namespace weir::data {
namespace {

// A budget of a month is looked at now and then all the same: for what dead holders left.
constexpr Monotonic kLookAgain = std::chrono::minutes(1);

Monotonic first_look(const Limit& limit, LimitTime at) {
  if (limit.method == LimitMethod::calendar || limit.method == LimitMethod::parallel)
    return at.now + kHoldLease;
  return at.now + limit.window;
}

}  // namespace

LimitState* LimitShard::find_or_add(std::string_view subject, const Limit& limit, LimitTime at,
                                    std::size_t subjects_max) {
  const auto found = subjects_.find(subject);
  if (found != subjects_.end()) {
    found->second.limit = limit;
    return &found->second.state;
  }
  if (subject_count_.fetch_add(1) >= subjects_max) {
    subject_count_.fetch_sub(1);
    return nullptr;
  }
  const auto added = subjects_.emplace(std::string(subject), Subject{.state = {}, .limit = limit}).first;
  ends_.push({first_look(limit, at), &*added});
  return &added->second.state;
}

std::size_t LimitShard::release(LimitTime at, std::size_t looks_max) {
  std::size_t released = 0;
  for (std::size_t looks = 0; looks < looks_max && !ends_.empty() && ends_.top().at <= at.now; ++looks) {
    Subjects::value_type* const subject = ends_.top().subject;
    ends_.pop();
    Subject& entry = subject->second;
    entry.state.drop_expired(at.now);
    entry.state.advance(entry.limit, at);
    const Monotonic end = entry.state.end(entry.limit, at);
    if (end > at.now) {
      const bool may_hold = entry.state.held() > 0 || entry.limit.method == LimitMethod::calendar;
      ends_.push({may_hold ? std::min(end, at.now + kLookAgain) : end, subject});
      continue;
    }
    subjects_.erase(subjects_.find(subject->first));
    ++released;
  }
  subject_count_.fetch_sub(released);
  return released;
}

}  // namespace weir::data

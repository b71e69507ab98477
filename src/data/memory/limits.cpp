#include "data/memory/limits.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "data/memory/admission_log.h"

namespace weir::data {
namespace {

constexpr std::uint32_t kStepsMax = 65'536;           // 13.7 ms of a window of 15 minutes
constexpr std::size_t kReleasesPerAdmission = 4;  // more than one, so that releasing outruns arriving

// Rounded up, so that who waits that long is not early.
std::chrono::milliseconds up_to_ms(Monotonic duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

// How finely the times of admissions are kept: exactly for limits of ordinary size; for larger ones in
// steps so short against the window that nobody notices, which bounds a log at kStepsMax entries.
Monotonic resolution_of(RateLimit limit) {
  if (limit.count <= kStepsMax) return Monotonic(1);
  return std::max(Monotonic(1), Monotonic(limit.window) / kStepsMax);
}

// Whether a request at `now` passes; `log` holds what still counts.
RateDecision decision(AdmissionLog& log, RateLimit limit, Monotonic now) {
  RateDecision result;
  result.admitted = log.size() < limit.count;
  if (result.admitted) log.add(now, resolution_of(limit));
  result.remaining = log.size() < limit.count ? limit.count - static_cast<std::uint32_t>(log.size()) : 0;
  result.reset = up_to_ms(log.empty() ? Monotonic(limit.window) : log.oldest() + limit.window - now);
  if (!result.admitted) {
    // One fewer than `count` must be left; more than `count` are held after the limit was lowered.
    const bool never = limit.count == 0;
    result.retry_after =
        never ? up_to_ms(limit.window) : up_to_ms(log.time_after(log.size() - limit.count) + limit.window - now);
  }
  return result;
}

}  // namespace

class MemoryLimits::Shard {
 public:
  Shard(const Clock& clock, std::atomic<std::size_t>& subject_count)
      : clock_(clock), subject_count_(subject_count) {}

  // nullopt: a new subject, and subjects_max others are there.
  std::optional<RateDecision> admit(std::string_view subject, RateLimit limit, std::size_t subjects_max) {
    const std::lock_guard lock(mutex_);
    // Read under the lock: times enter a log in order.
    const Monotonic now = clock_.monotonic();
    release(now, kReleasesPerAdmission);
    auto found = subjects_.find(subject);
    if (found == subjects_.end()) {
      // A subject that may have nothing needs no log to be refused.
      if (limit.count == 0) return RateDecision{.reset = limit.window, .retry_after = limit.window};
      if (!reserve_subject(subjects_max)) return std::nullopt;
      found = subjects_.emplace(std::string(subject), Subject{}).first;
      ends_.push({now + limit.window, &*found});
    }
    Subject& entry = found->second;
    entry.log.drop_until(now - limit.window);
    entry.window = limit.window;
    return decision(entry.log, limit, now);
  }

  std::size_t release_passed() {
    const std::lock_guard lock(mutex_);
    return release(clock_.monotonic(), subjects_.size());
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Subject {
    AdmissionLog log;
    Monotonic window{};
  };
  using Subjects = std::unordered_map<std::string, Subject, Hash, std::equal_to<>>;

  // When a subject's log may be looked at again: no later than the end of its newest admission's
  // window. Each subject has one entry in ends_, brought up to date when its time comes, so that an
  // admission does not touch the queue.
  struct End {
    Monotonic at{};
    Subjects::value_type* subject = nullptr;  // stays where it is while the map grows
    bool operator>(const End& other) const { return at > other.at; }
  };

  bool reserve_subject(std::size_t subjects_max) {
    if (subject_count_.fetch_add(1) < subjects_max) return true;
    subject_count_.fetch_sub(1);
    return false;
  }

  // Frees the logs that are over, looking at no more than `looks_max` that may be.
  std::size_t release(Monotonic now, std::size_t looks_max) {
    std::size_t released = 0;
    for (std::size_t looks = 0; looks < looks_max && !ends_.empty() && ends_.top().at <= now; ++looks) {
      Subjects::value_type* const subject = ends_.top().subject;
      ends_.pop();
      const AdmissionLog& log = subject->second.log;
      const Monotonic end = log.empty() ? now : log.newest() + subject->second.window;
      if (end > now) {
        ends_.push({end, subject});
        continue;
      }
      subjects_.erase(subjects_.find(subject->first));
      ++released;
    }
    subject_count_.fetch_sub(released);
    return released;
  }

  const Clock& clock_;
  std::atomic<std::size_t>& subject_count_;  // of all shards
  std::mutex mutex_;
  Subjects subjects_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

MemoryLimits::MemoryLimits(MemoryLimitsConfig config, const Clock& clock) : config_(config), clock_(clock) {
  WEIR_ASSERT(config.shards >= 1);
  for (std::size_t i = 0; i < config.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(clock_, subject_count_));
  }
}

MemoryLimits::~MemoryLimits() = default;

Task<Result<RateDecision>> MemoryLimits::admit(std::string_view subject, RateLimit limit) {
  co_return decide(subject, limit);
}

Result<RateDecision> MemoryLimits::decide(std::string_view subject, RateLimit limit) {
  if (limit.window <= limit.window.zero()) {
    return fail(Code::invalid_request, "the window of a rate limit must be positive");
  }
  // The upper half of the hash chooses the shard; the map inside uses the lower.
  const std::size_t hash = std::hash<std::string_view>()(subject);
  Shard& shard = *shards_[(hash >> 32) % shards_.size()];
  auto decided = shard.admit(subject, limit, config_.subjects_max);
  if (!decided) {
    // Full: make room in every shard, then once more. One lock at a time.
    release_passed();
    decided = shard.admit(subject, limit, config_.subjects_max);
  }
  if (decided) return *decided;
  Error error(Code::overloaded, "too many clients at once for the rate limiter", "try again in a moment");
  error.retry_after_ms = 1'000;
  return fail(std::move(error));
}

std::size_t MemoryLimits::release_passed() {
  std::size_t released = 0;
  for (const auto& shard : shards_) released += shard->release_passed();
  return released;
}

}  // namespace weir::data

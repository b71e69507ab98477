// model/resilience/affinity.h: where the prompt cache of a session is warm. Leaving it means that the
// prompt is read anew, at the full price: the choice among equals counts that.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "model/call.h"

namespace weir::model {

struct AffinityConfig {
  std::size_t sessions_max = 65'536;
  std::chrono::milliseconds warm_for{300'000};  // the provider's cache forgets after five minutes
  double seconds_per_dollar = 60;               // what is worth waiting for a dollar saved
};

// A session by number; 0: the call belongs to none.
using SessionKey = std::uint64_t;

// By x-claude-code-session-id, else metadata.user_id, else the first bytes of a prompt that is long
// enough to be cached. Sessions of two tenants never meet.
SessionKey session_of(const UpstreamCall& call);

struct Warmth {
  std::uint32_t target = 0;  // as the router numbers them
  std::int64_t cached_tokens = 0;
};

// Remembers the newest sessions_max sessions. Any thread may call.
class Affinity {
 public:
  Affinity(AffinityConfig config, const Clock& clock) : config_(config), clock_(clock) {}

  std::optional<Warmth> find(SessionKey session);
  // An answer told that so many tokens of the prompt are cached there now. None: forgotten.
  void remember(SessionKey session, Warmth warmth, std::chrono::nanoseconds warm_for);
  std::size_t size() const;
  const AffinityConfig& config() const { return config_; }

 private:
  static constexpr std::size_t kShards = 16;
  struct Entry {
    SessionKey session;
    Warmth warmth;
    Monotonic until;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> newest_first;
    std::unordered_map<SessionKey, std::list<Entry>::iterator> by_session;
  };

  Shard& shard_of(SessionKey session) { return shards_[session % kShards]; }

  const AffinityConfig config_;
  const Clock& clock_;
  std::array<Shard, kShards> shards_;
};

}  // namespace weir::model

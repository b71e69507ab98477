#include "model/resilience/affinity.h"

#include <algorithm>
#include <functional>

namespace weir::model {
namespace {

// A conversation's later bodies begin as its first one did. Shorter prompts are below what any model
// caches (512 tokens at least), so that there is nothing to lose.
constexpr std::size_t kPrefixBytes = 2'048;

SessionKey hash_of(std::string_view kind, std::string_view tenant, std::string_view text) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
  const std::hash<std::string_view> hash;
  std::uint64_t key = hash(text);
  key = (key ^ (hash(tenant) * kMix)) * kMix;
  key ^= hash(kind) + (key >> 29);
  return key == 0 ? 1 : key;
}

}  // namespace

SessionKey session_of(const UpstreamCall& call) {
  const std::string_view tenant = call.who.tenant;
  const auto session = call.headers.find("x-claude-code-session-id");
  if (session && !session->empty()) return hash_of("session", tenant, *session);
  if (!call.facts.user.empty()) return hash_of("user", tenant, call.facts.user);
  if (call.body.size() < kPrefixBytes) return 0;
  return hash_of("prefix", tenant, std::string_view(call.body).substr(0, kPrefixBytes));
}

std::optional<Warmth> Affinity::find(SessionKey session) {
  if (session == 0) return std::nullopt;
  const Monotonic now = clock_.monotonic();
  Shard& shard = shard_of(session);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_session.find(session);
  if (found == shard.by_session.end() || found->second->until <= now) return std::nullopt;
  return found->second->warmth;
}

void Affinity::remember(SessionKey session, Warmth warmth, std::chrono::nanoseconds warm_for) {
  if (session == 0) return;
  const Monotonic until = clock_.monotonic() + warm_for;
  Shard& shard = shard_of(session);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_session.find(session);
  if (found != shard.by_session.end()) {
    shard.newest_first.erase(found->second);
    shard.by_session.erase(found);
  }
  if (warmth.cached_tokens <= 0) return;
  shard.newest_first.push_front({session, warmth, until});
  shard.by_session[session] = shard.newest_first.begin();
  if (shard.by_session.size() > std::max<std::size_t>(config_.sessions_max / kShards, 1)) {
    shard.by_session.erase(shard.newest_first.back().session);
    shard.newest_first.pop_back();
  }
}

std::size_t Affinity::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.by_session.size();
  }
  return size;
}

}  // namespace weir::model

#include "data/memory/stream_index.h"

namespace weir::data {

void StreamIndex::add(Entry& entry, const StreamOwner& owner) {
  const auto [found, is_new] = shares_.try_emplace(owner);
  Share& share = found->second;
  if (is_new) shares_by_bytes_.emplace(0, &share);
  shares_by_streams_.erase({share.streams, &share});
  shares_by_streams_.emplace(++share.streams, &share);
  share.by_size.emplace(0, &entry);
  entry.share = found;
}

void StreamIndex::remove(Entry& entry) {
  set_bytes(entry, 0);
  set_idle(entry, std::nullopt);
  Share& share = entry.share->second;
  share.by_size.erase({entry.ranked_bytes, &entry});
  shares_by_streams_.erase({share.streams, &share});
  if (--share.streams > 0) {
    shares_by_streams_.emplace(share.streams, &share);
    return;
  }
  shares_by_bytes_.erase({share.ranked_bytes, &share});
  shares_.erase(entry.share);
}

void StreamIndex::set_bytes(Entry& entry, std::size_t bytes) {
  Share& share = entry.share->second;
  share.bytes += bytes - entry.bytes;
  entry.bytes = bytes;
  rank(entry);
}

void StreamIndex::rank(Entry& entry) {
  const auto ranked = [](std::size_t bytes) { return (bytes + kStep - 1) / kStep; };
  Share& share = entry.share->second;
  if (const std::size_t now = ranked(entry.bytes); now != entry.ranked_bytes) {
    share.by_size.erase({entry.ranked_bytes, &entry});
    share.by_size.emplace(now, &entry);
    entry.ranked_bytes = now;
  }
  if (const std::size_t now = ranked(share.bytes); now != share.ranked_bytes) {
    shares_by_bytes_.erase({share.ranked_bytes, &share});
    shares_by_bytes_.emplace(now, &share);
    share.ranked_bytes = now;
  }
}

void StreamIndex::set_idle(Entry& entry, std::optional<Monotonic> since) {
  if (entry.idle_since == since) return;
  ByAge& own = entry.share->second.idle;
  if (entry.idle_since) {
    own.erase({*entry.idle_since, &entry});
    idle_.erase({*entry.idle_since, &entry});
  }
  if (since) {
    own.emplace(*since, &entry);
    idle_.emplace(*since, &entry);
  }
  entry.idle_since = since;
}

StreamIndex::Entry* StreamIndex::largest() const {
  if (shares_by_bytes_.empty()) return nullptr;
  const Share& share = *shares_by_bytes_.rbegin()->second;
  const auto& [rank, entry] = *share.by_size.rbegin();
  return rank > 0 ? entry : nullptr;
}

StreamIndex::Entry* StreamIndex::idle_before(Monotonic before) const {
  if (idle_.empty() || idle_.begin()->first > before) return nullptr;
  return idle_.begin()->second;
}

StreamIndex::Entry* StreamIndex::dispensable() const {
  if (shares_by_streams_.empty()) return nullptr;
  const ByAge& idle = shares_by_streams_.rbegin()->second->idle;
  return idle.empty() ? nullptr : idle.begin()->second;
}

}  // namespace weir::data

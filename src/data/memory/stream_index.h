// data/memory/stream_index.h: which of many streams has to make room: by owner, by size and by age, found
// without looking at all of them. No locks.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"
#include "data/streams.h"

namespace weir::data {

// Every change costs a logarithm of the number of streams, every question less. The owner who takes most
// makes room first, so that nobody can push out what others hold.
class StreamIndex {
 public:
  class Entry;

 private:
  using BySize = std::set<std::pair<std::size_t, Entry*>>;
  using ByAge = std::set<std::pair<Monotonic, Entry*>>;
  struct Share {
    std::size_t streams = 0;
    std::size_t bytes = 0;
    std::size_t ranked_bytes = 0;  // as shares_by_bytes_ has it
    BySize by_size;
    ByAge idle;
  };

 public:
  // A stream's place in the index; whoever owns the stream derives from it.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   protected:
    ~Entry() = default;

   private:
    friend class StreamIndex;
    std::map<StreamOwner, Share>::iterator share{};
    std::size_t bytes = 0;
    std::size_t ranked_bytes = 0;  // as by_size has it
    std::optional<Monotonic> idle_since;
  };

  void add(Entry& entry, const StreamOwner& owner);
  void remove(Entry& entry);
  // What of it is in memory and could go elsewhere.
  void set_bytes(Entry& entry, std::size_t bytes);
  // Since when it is only kept; nullopt: it grows or is read.
  void set_idle(Entry& entry, std::optional<Monotonic> since);

  // Among the streams of the owner with the most bytes the one with the most; null when nobody has any.
  Entry* largest() const;
  // The one that has been idle longest, if that was not after `before`.
  Entry* idle_before(Monotonic before) const;
  // The one that has been idle longest of the owner with the most streams; null when it has none.
  Entry* dispensable() const;

 private:
  // Bytes are ranked in steps, so that a piece of a stream seldom moves anything.
  static constexpr std::size_t kStep = 4'096;
  void rank(Entry& entry);

  std::map<StreamOwner, Share> shares_;
  std::set<std::pair<std::size_t, Share*>> shares_by_streams_;
  std::set<std::pair<std::size_t, Share*>> shares_by_bytes_;
  ByAge idle_;
};

}  // namespace weir::data

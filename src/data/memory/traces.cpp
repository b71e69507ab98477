#include "data/memory/traces.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>

namespace weir::data {
namespace {

// What stands before each part: the sizes of its texts, which follow in this order.
struct Sizes {
  std::uint32_t id = 0, tenant = 0, key = 0, json = 0;
  std::uint32_t is_call = 0;
  std::size_t total() const {
    return sizeof(Sizes) + std::size_t{id} + std::size_t{tenant} + std::size_t{key} + std::size_t{json};
  }
};

struct Part {
  std::string_view id, tenant, key, json;
  bool is_call = false;
};

}  // namespace

// A ring: parts lie one behind the other and go on at the front when the end is reached. `oldest_` and
// `next_` count bytes since the beginning and never turn around; a place is what is left of them modulo
// the size.
class MemoryTraces::Shard {
 public:
  explicit Shard(std::size_t size) : bytes_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}

  void add(const Part& part) {
    const Sizes sizes{.id = static_cast<std::uint32_t>(part.id.size()),
                      .tenant = static_cast<std::uint32_t>(part.tenant.size()),
                      .key = static_cast<std::uint32_t>(part.key.size()),
                      .json = static_cast<std::uint32_t>(part.json.size()),
                      .is_call = part.is_call ? 1U : 0U};
    if (sizes.total() > size_) return;
    const std::lock_guard lock(mutex_);
    while (next_ - oldest_ + sizes.total() > size_) oldest_ += sizes_at(oldest_).total();
    write({reinterpret_cast<const char*>(&sizes), sizeof sizes});
    for (const std::string_view text : {part.id, part.tenant, part.key, part.json}) write(text);
  }

  // The parts of that id, in the order in which they were added. `takes` is told each request's owner.
  template <class Takes>
  StoredTrace collect(std::string_view id, const Takes& takes) const {
    StoredTrace found;
    const std::lock_guard lock(mutex_);
    for (std::uint64_t at = oldest_; at < next_; at += sizes_at(at).total()) {
      const Sizes sizes = sizes_at(at);
      if (sizes.id != id.size()) continue;
      std::uint64_t text = at + sizeof sizes;
      const auto next = [&](std::uint32_t size) { return read(std::exchange(text, text + size), size); };
      if (next(sizes.id) != id) continue;
      const std::string tenant = next(sizes.tenant);
      const std::string key = next(sizes.key);
      if (sizes.is_call != 0) {
        found.calls.push_back(next(sizes.json));
      } else if (takes(tenant, key)) {
        found.request = next(sizes.json);
      }
    }
    return found;
  }

 private:
  Sizes sizes_at(std::uint64_t at) const {
    Sizes sizes;
    copy_out(at, reinterpret_cast<char*>(&sizes), sizeof sizes);
    return sizes;
  }
  std::string read(std::uint64_t at, std::size_t size) const {
    std::string text(size, '\0');
    copy_out(at, text.data(), size);
    return text;
  }
  void copy_out(std::uint64_t at, char* to, std::size_t size) const {
    const std::size_t place = at % size_;
    const std::size_t first = std::min(size, size_ - place);
    std::memcpy(to, bytes_.get() + place, first);
    std::memcpy(to + first, bytes_.get(), size - first);
  }
  void write(std::string_view text) {
    const std::size_t place = next_ % size_;
    const std::size_t first = std::min(text.size(), size_ - place);
    text.copy(bytes_.get() + place, first);
    text.substr(first).copy(bytes_.get(), text.size() - first);
    next_ += text.size();
  }

  mutable std::mutex mutex_;
  const std::unique_ptr<char[]> bytes_;
  const std::size_t size_;
  std::uint64_t oldest_ = 0;
  std::uint64_t next_ = 0;
};

MemoryTraces::MemoryTraces(MemoryTracesConfig config) {
  if (config.memory_max == 0) return;
  const std::size_t count = std::max<std::size_t>(config.shards, 1);
  for (std::size_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<Shard>(std::max<std::size_t>(config.memory_max / count, 1)));
  }
}

MemoryTraces::~MemoryTraces() = default;

MemoryTraces::Shard* MemoryTraces::shard_of(std::string_view id) const {
  if (shards_.empty()) return nullptr;
  return shards_[std::hash<std::string_view>()(id) % shards_.size()].get();
}

void MemoryTraces::add_request(const TraceOwner& owner, std::string_view id, std::string_view json) {
  if (Shard* const shard = shard_of(id))
    shard->add({.id = id, .tenant = owner.tenant.value(), .key = owner.key_id, .json = json});
}

void MemoryTraces::add_call(std::string_view id, std::string_view json) {
  if (Shard* const shard = shard_of(id)) shard->add({.id = id, .json = json, .is_call = true});
}

Task<Result<StoredTrace>> MemoryTraces::find(TraceReader reader, std::string id) {
  StoredTrace found;
  const auto is_visible = [&reader](std::string_view tenant, std::string_view key) {
    if (key == kRefusedKey) return reader.sees_refused;
    return tenant == reader.owner.tenant.value() && key == reader.owner.key_id;
  };
  if (const Shard* const shard = shard_of(id)) found = shard->collect(id, is_visible);
  if (found.request.empty())
    co_return fail(Code::not_found, "nothing is known of this request",
                   "ask with the key that made it, after its answer has ended");
  co_return found;
}

}  // namespace weir::data

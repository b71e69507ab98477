// data/memory/traces.h: the newest traces in this process, in rings of bytes that are made once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "data/traces.h"

namespace weir::data {

struct MemoryTracesConfig {
  std::size_t memory_max = 16 * 1024 * 1024;  // about 16,000 requests; 0: none are kept
  std::size_t shards = 64;                    // each with a lock of its own
};

// Adding copies the part behind the newest one of its shard, under a lock of some hundred nanoseconds;
// nothing is allocated. There is no index: a search goes through one shard, 256 KiB as configured.
// A part that is larger than its shard is not kept.
class MemoryTraces final : public Traces {
 public:
  explicit MemoryTraces(MemoryTracesConfig config);
  ~MemoryTraces() override;

  void add_request(const TraceOwner& owner, std::string_view id, std::string_view json) override;
  void add_call(std::string_view id, std::string_view json) override;
  Task<Result<StoredTrace>> find(TraceReader reader, std::string id) override;

 private:
  class Shard;
  Shard* shard_of(std::string_view id) const;  // null: nothing is kept

  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace weir::data

// data/scan/index.h: vectors in memory, searched by looking at all of them: first at their sign bits, then
// at the 8-bit codes of the nearest, then in half precision at the best of those. At the sizes of one
// team's documents that is faster than a graph, exact under any filter, and has nothing to rebuild.
#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "data/scan/block.h"
#include "data/scan/metadata_index.h"
#include "data/vectors.h"

namespace weir::data {

// The vectors of one space, tenant, collection and level. Searches run beside each other and beside one
// writer; each sees what stood there at the last publish() before it began.
class ScanIndex {
 public:
  explicit ScanIndex(std::uint32_t dimensions);

  struct Row {
    std::uint32_t ordinal = 0;
    std::span<const std::uint16_t> halves;  // in binary16
  };
  // The document's vectors in place of those it had. One thread at a time calls these three.
  void put(const std::string& document_id, const json::object& metadata, std::span<const Row> rows);
  void remove(const std::string& document_id);
  void publish();

  // Each passage once, best first.
  std::vector<VectorHit> search(const VectorQuery& query) const;

  std::size_t size() const;        // vectors that a search looks at
  std::size_t size_bytes() const;  // of memory

 private:
  using Blocks = std::vector<std::shared_ptr<const ScanBlock>>;
  // What a search looks at; never changed.
  struct Snapshot {
    Blocks blocks;
    std::vector<std::uint64_t> live;  // one bit for each row, a word for each block
    std::size_t rows = 0;             // that live
  };
  struct DocumentRows {
    std::size_t first = 0;
    std::size_t count = 0;  // 0: the document is gone
  };
  struct View {
    std::shared_ptr<const Snapshot> snapshot;
    std::vector<std::uint64_t> wanted;  // live, and let through by the filter
    std::size_t rows = 0;
  };
  struct Candidate;

  View view(const Filter& filter) const;
  std::vector<Candidate> nearest_signs(const View& view, const ScanVector& query, std::size_t count) const;
  static std::vector<Candidate> all_rows(const View& view);
  void compact();

  const std::uint32_t dimensions_;
  mutable std::shared_mutex mutex_;  // over everything below; a search holds it while it takes its view
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<std::shared_ptr<ScanBlock>> blocks_;  // the last may have room; full ones are shared
  std::vector<std::uint64_t> live_;
  std::size_t live_rows_ = 0;
  std::vector<DocumentRows> documents_;  // by number
  std::vector<json::object> metadata_;   // by number, for compaction
  std::unordered_map<std::string, std::uint32_t> numbers_;
  MetadataIndex metadata_index_;
};

}  // namespace weir::data

// data/scan/metadata_index.h: which documents of a scan index a filter lets through, without looking at
// each of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/filter.h"

namespace weir::data {

// One bit for each document's number.
using DocumentSet = std::vector<std::uint64_t>;

inline bool contains(const DocumentSet& set, std::uint32_t document) {
  return (set[document / 64] >> (document % 64) & 1) != 0;
}

class MetadataIndex {
 public:
  void add(std::uint32_t document, const json::object& metadata);
  // Of the documents numbered below `documents`, those that match, numbers that were added once and are
  // of no use any more included.
  DocumentSet find(const Filter& filter, std::uint32_t documents) const;

 private:
  // For each field, each value in order with the numbers of its documents.
  std::map<std::string, std::map<FilterValue, std::vector<std::uint32_t>>, std::less<>> fields_;
};

}  // namespace weir::data

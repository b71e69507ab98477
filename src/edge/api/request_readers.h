// edge/api/request_readers.h: one model::RequestReader for each loop that reads.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/request_facts.h"

namespace weir::edge {

// Lends a reader, and its memory, for the length of one look at a body. Reading does not wait for
// anything, so that there are never more readers than loops.
class RequestReaders {
 public:
  explicit RequestReaders(std::size_t depth_max) : depth_max_(depth_max) {}
  // As model::RequestReader::read. Thread-safe.
  Result<model::RequestFacts> read(std::string& body);

 private:
  model::RequestReader take();
  void give_back(model::RequestReader reader);

  const std::size_t depth_max_;
  std::mutex mutex_;
  std::vector<model::RequestReader> idle_;
};

}  // namespace weir::edge

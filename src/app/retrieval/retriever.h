// app/retrieval/retriever.h: passages for a question.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "data/documents.h"

namespace weir::app {

struct RetrievalConfig {
  std::uint32_t passages_max = 6;
  std::size_t context_chars_max = 12'000;
};

class Retriever {
 public:
  virtual ~Retriever() = default;
  // Best first, without near-duplicates, within the limits; empty when nothing matches.
  virtual Task<Result<std::vector<data::FoundChunk>>> find(data::TenantId tenant, std::string question) = 0;
};

}  // namespace weir::app

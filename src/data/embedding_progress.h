// data/embedding_progress.h: which vectors exist for which documents: what is left to embed, and which space
// answers searches while another one is being filled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "data/tenant.h"
#include "data/vectors.h"

namespace weir::data {

struct DocumentName {
  TenantId tenant;
  std::string document_id;
};

// Of every tenant together, for the one who embeds. Safe to call from any loop's coroutine; never blocks
// it. Errors: overloaded (queue full), internal.
class EmbeddingProgress {
 public:
  virtual ~EmbeddingProgress() = default;
  // The space that answers searches; nullopt before the first was chosen.
  virtual Task<Result<std::optional<VectorSpace>>> serving() = 0;
  // From now on this one does. The vectors of every other space are removed; a crash in the midst of
  // that leaves some, for the next call.
  virtual Task<Result<>> serve(VectorSpace space) = 0;
  // Documents without vectors in the space, oldest first.
  virtual Task<Result<std::vector<DocumentName>>> unembedded(VectorSpace space, std::uint32_t limit) = 0;
  virtual Task<Result<std::uint64_t>> count_unembedded(VectorSpace space) = 0;
};

}  // namespace weir::data

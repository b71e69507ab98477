// app/retrieval/text_retriever.h: passages by their words (BM25).
#pragma once

#include "app/retrieval/retriever.h"

namespace weir::app {

class TextRetriever final : public Retriever {
 public:
  TextRetriever(RetrievalConfig config, data::Documents& documents) : config_(config), documents_(documents) {}
  Task<Result<std::vector<data::FoundChunk>>> find(data::TenantId tenant, std::string question) override;

 private:
  RetrievalConfig config_;
  data::Documents& documents_;
};

}  // namespace weir::app

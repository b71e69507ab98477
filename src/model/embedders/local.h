// model/embedders/local.h: an embedder in the process: a BERT encoder on threads of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "model/embedders/bert/encoder.h"
#include "model/embedders/embedder.h"
#include "model/embedders/embedder_config.h"
#include "net/worker_pool.h"

namespace weir::model {

// The encoder of config.model_directory. Errors: not_found, invalid_request; fit for the operator.
Result<std::unique_ptr<bert::Encoder>> load_encoder(const LocalEmbedderConfig& config);

// A call's texts are cut into batches, which as many threads as are free take one after the other. Queries
// have threads of their own, so that they do not stand behind documents; give those of the documents less
// priority.
class LocalEmbedder final : public Embedder {
 public:
  // The pools live longer than the embedder.
  LocalEmbedder(const LocalEmbedderConfig& config, std::unique_ptr<bert::Encoder> encoder,
                net::WorkerPool& queries, net::WorkerPool& documents);
  ~LocalEmbedder() override;

  const EmbedderIdentity& identity() const override { return identity_; }
  Task<Result<Embeddings>> embed(std::vector<std::string> texts, EmbedPurpose purpose) override;

 private:
  class Shared;  // the encoder and its workspaces; jobs that are still queued hold them, too
  class Job;

  const EmbedderIdentity identity_;
  const std::size_t batch_tokens_;
  const std::shared_ptr<Shared> shared_;
  net::WorkerPool& queries_;
  net::WorkerPool& documents_;
};

}  // namespace weir::model

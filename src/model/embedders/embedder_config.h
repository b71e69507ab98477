// model/embedders/embedder_config.h: which model makes vectors of texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace weir::model {

struct LocalEmbedderConfig {
  // In Hugging Face's layout. Empty: where find_model() finds one.
  std::string model_directory;
  std::string model_sha256;      // of model.safetensors; empty: any
  std::string kernels = "auto";  // "plain", "avx2", "avx512", "avx512_vnni"; auto: the fastest that runs here
  std::uint32_t threads = 0;     // for documents, and as many for queries; 0: one for each core
  std::size_t queue_max = 256;   // calls that wait, of each kind
  std::size_t batch_tokens = 512;  // that are encoded at a time; a single text may be longer

  Result<> check() const;
};

struct EmbedderConfig {
  LocalEmbedderConfig local;

  Result<> check() const { return local.check(); }
};

}  // namespace weir::model

// model/embedders/embedder.h: texts → vectors of one embedding model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"

namespace weir::model {

// Two embedders whose identities are equal give vectors that may be compared; an index keeps the identity
// of what filled it, and refuses the vectors of another.
struct EmbedderIdentity {
  std::string model;     // "all-MiniLM-L6-v2"
  std::string revision;  // of the weights: their SHA-256 in hex, or what the provider calls it
  std::uint32_t dimensions = 0;
  friend bool operator==(const EmbedderIdentity&, const EmbedderIdentity&) = default;
};

// Some models put another prefix, or another head, before what is searched for and what is found.
enum class EmbedPurpose : std::uint8_t { document, query };

// One vector for each text, in their order, row by row; each of Euclidean length 1.
class Embeddings {
 public:
  Embeddings(std::uint32_t dimensions, std::vector<float> values)
      : dimensions_(dimensions), values_(std::move(values)) {}
  std::size_t size() const { return dimensions_ == 0 ? 0 : values_.size() / dimensions_; }
  std::span<const float> row(std::size_t index) const {
    return std::span(values_).subspan(index * dimensions_, dimensions_);
  }

 private:
  std::uint32_t dimensions_;
  std::vector<float> values_;
};

// Safe to call from any loop's coroutine; never blocks it.
class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual const EmbedderIdentity& identity() const = 0;
  // What is longer than the model's window is embedded by its beginning. Errors: overloaded (queue full),
  // and for remote models those of the gateway.
  virtual Task<Result<Embeddings>> embed(std::vector<std::string> texts, EmbedPurpose purpose) = 0;
};

}  // namespace weir::model

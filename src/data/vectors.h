// data/vectors.h: the vectors of a tenant's passages, and the nearest of them to a question's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "data/filter.h"
#include "data/tenant.h"

namespace weir::data {

// What made the vectors. Only vectors of one space can be compared; an index keeps the space of what
// fills it and refuses any other.
struct VectorSpace {
  std::string model;     // "all-MiniLM-L6-v2"
  std::string revision;  // of the weights
  std::uint32_t dimensions = 0;
  friend auto operator<=>(const VectorSpace&, const VectorSpace&) = default;
};

// A vector stands for a whole passage, or for one sentence of it.
enum class VectorLevel : std::uint8_t { passage, sentence };

// All vectors of one document in one space, each of Euclidean length 1.
struct DocumentVectors {
  struct Place {
    std::uint32_t ordinal = 0;  // of the passage
    VectorLevel level = VectorLevel::passage;
  };
  VectorSpace space;
  std::vector<Place> places;  // sentences of one passage in their order
  std::vector<float> values;  // space.dimensions for each place

  bool empty() const { return places.empty(); }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * space.dimensions, space.dimensions);
  }
};

struct VectorQuery {
  VectorSpace space;
  std::vector<float> vector;  // of Euclidean length 1
  VectorLevel level = VectorLevel::passage;
  std::uint32_t limit = 10;     // 1 to kVectorLimitMax passages
  std::string collection = {};  // empty: all of the tenant's
  Filter filter = {};           // on the documents' metadata
};
constexpr std::uint32_t kVectorLimitMax = 1'000;

struct VectorHit {
  std::string document_id;
  std::uint32_t ordinal = 0;
  double score = 0;  // cosine; of a passage's best sentence when sentences were searched
  std::string chunk_id() const { return document_id + "#" + std::to_string(ordinal); }
};

// Safe to call from any loop's coroutine; never blocks it. What was acknowledged survives a crash and is
// seen by the next search. A document's vectors are all there or none, and they go with its passages: a
// passage that was replaced or removed is never found again.
// Errors: overloaded (queue full), internal; invalid_request for a limit out of bounds, or for a vector
// whose length is not its space's.
class Vectors {
 public:
  virtual ~Vectors() = default;
  // Gives the document these vectors in place of those that it has in their space. `content_sha256` is
  // that of the text that they were made from. not_found: there is no such document any more; conflict:
  // its text is another by now, or has other passages. Then nothing is changed.
  virtual Task<Result<>> upsert(TenantId tenant, std::string document_id, std::string content_sha256,
                                DocumentVectors vectors) = 0;
  // Takes away the vectors of a document in every space. Success also when there are none.
  virtual Task<Result<>> remove(TenantId tenant, std::string document_id) = 0;
  // Best first, each passage once; equal scores in the order of their ids. A space in which the tenant has
  // no vectors gives nothing.
  virtual Task<Result<std::vector<VectorHit>>> search(TenantId tenant, VectorQuery query) = 0;
  // How many vectors a tenant has in a space, of both levels.
  virtual Task<Result<std::uint64_t>> count(TenantId tenant, VectorSpace space) = 0;
};

// The limits that every implementation checks.
Result<> check_vector_query(const VectorQuery& query);
Result<> check_document_vectors(const DocumentVectors& vectors);

}  // namespace weir::data

#include "data/vectors.h"

namespace weir::data {
namespace {

constexpr std::uint32_t kDimensionsMax = 8'192;

Result<> check_space(const VectorSpace& space) {
  if (space.dimensions == 0 || space.dimensions > kDimensionsMax) {
    return fail(Code::invalid_request, "a vector has 1 to " + std::to_string(kDimensionsMax) + " dimensions");
  }
  return {};
}

}  // namespace

Result<> check_vector_query(const VectorQuery& query) {
  if (query.limit == 0 || query.limit > kVectorLimitMax) {
    Error error(Code::invalid_request, "limit must be 1 to " + std::to_string(kVectorLimitMax));
    error.field = "limit";
    return fail(std::move(error));
  }
  auto checked = check_space(query.space);
  if (!checked) return checked;
  if (query.vector.size() != query.space.dimensions) {
    return fail(Code::invalid_request, "the question's vector has " + std::to_string(query.vector.size()) +
                                           " dimensions, and its space " +
                                           std::to_string(query.space.dimensions));
  }
  return {};
}

Result<> check_document_vectors(const DocumentVectors& vectors) {
  auto checked = check_space(vectors.space);
  if (!checked) return checked;
  if (vectors.values.size() != vectors.places.size() * vectors.space.dimensions) {
    return fail(Code::invalid_request, "a document's vectors do not have the dimensions of their space");
  }
  return {};
}

}  // namespace weir::data

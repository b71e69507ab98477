#include "app/retrieval/text_retriever.h"

#include "app/retrieval/selection.h"

namespace weir::app {
namespace {

constexpr std::uint32_t kOverfetch = 3;  // near-duplicates are dropped from so many times what is asked for

}  // namespace

Task<Result<std::vector<data::FoundChunk>>> TextRetriever::find(data::TenantId tenant, std::string question) {
  auto found = co_await documents_.search_text(std::move(tenant), std::move(question),
                                               config_.passages_max * kOverfetch);
  if (!found) co_return fail(found);
  co_return select_passages(*std::move(found), config_);
}

}  // namespace weir::app

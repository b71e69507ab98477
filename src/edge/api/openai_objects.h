// edge/api/openai_objects.h: what OpenAI keeps under ids: files, batches, vector stores. Passed through; each
// belongs to the key that made it, and anybody else gets 404.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/routes.h"

namespace weir::edge {

// The files have Anthropic's paths: routes.cpp tells the clients apart.
Task<Result<>> post_openai_file(Exchange& exchange, const Api& api);  // as it arrives, never held
Task<Result<>> list_openai_files(Exchange& exchange, const Api& api);
Task<Result<>> get_openai_file(Exchange& exchange, const Api& api);
// Piece by piece; the results of a batch leave a ledger row each, at the price of batches.
Task<Result<>> get_openai_file_content(Exchange& exchange, const Api& api);
Task<Result<>> delete_openai_file(Exchange& exchange, const Api& api);

Task<Result<>> post_openai_batch(Exchange& exchange, const Api& api);
Task<Result<>> list_openai_batches(Exchange& exchange, const Api& api);
// Also its cancellation. The files of its results become the caller's.
Task<Result<>> ask_openai_batch(Exchange& exchange, const Api& api);

Task<Result<>> post_vector_store(Exchange& exchange, const Api& api);
Task<Result<>> list_vector_stores(Exchange& exchange, const Api& api);
// Everything at and below /v1/vector_stores/{id}.
Task<Result<>> ask_vector_store(Exchange& exchange, const Api& api);

// The files and vector stores that a body of OpenAI's API names: file_id, input_file_id, file_ids,
// vector_store_id, vector_store_ids at any depth, but for `metadata`, which is the caller's own.
struct OpenAiReferences {
  std::vector<std::string> files;
  std::vector<std::string> vector_stores;
};
// Costs next to nothing where none is named. What is no JSON names none: it is the provider's to refuse.
OpenAiReferences openai_references(std::string_view body);
// not_found: one of them is not the caller's.
Task<Result<>> check_references(const Exchange& exchange, const Api& api, std::string_view body);

// Makes the files that a batch, as the provider tells of it, has its results in the caller's.
Task<Result<>> note_batch_files(const Exchange& exchange, const Api& api, std::string_view batch,
                                std::string_view provider);

}  // namespace weir::edge

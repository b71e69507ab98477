// edge/api/batches.h: Anthropic's Message Batches API, passed through. A batch is its key's.
#pragma once

#include <string>
#include <string_view>

#include "edge/routes.h"

namespace weir::edge {

// The requests go to the provider as they arrive. A file of another key in one of them breaks the upload off,
// so that no batch is made, and is answered with not_found. The client gets the new batch when its owner is
// on the disk.
Task<Result<>> post_batch(Exchange& exchange, const Api& api);
Task<Result<>> list_batches(Exchange& exchange, const Api& api);  // object_list.h
Task<Result<>> get_batch(Exchange& exchange, const Api& api);
Task<Result<>> cancel_batch(Exchange& exchange, const Api& api);
Task<Result<>> delete_batch(Exchange& exchange, const Api& api);
// Piece by piece, each result counted in the ledger as it passes (model/batch_results.h).
Task<Result<>> get_batch_results(Exchange& exchange, const Api& api);

// A batch as the client sees it: where its results_url leads to the provider, it leads to Weir instead, since
// SDKs follow it with the key that they have. Every other member stays as it is.
std::string batch_for_client(std::string_view batch, const Exchange& exchange);

}  // namespace weir::edge

// edge/api/bedrock.h: Amazon Bedrock's runtime API (docs/bedrock_and_vertex_api.md). A Bedrock provider gets
// the body byte for byte and its answer passes as it is, frames included; for others InvokeModel of a Claude
// is translated both ways. Converse goes to Bedrock providers only.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// POST /model/{id}/invoke, /invoke-with-response-stream, /converse, /converse-stream, /count-tokens. The id
// is read from the target as it was sent: ARNs hold slashes, escaped or not. All errors have AWS's form.
Task<Result<>> post_bedrock(Exchange& exchange, const Api& api);

}  // namespace weir::edge

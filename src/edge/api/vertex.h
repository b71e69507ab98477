// edge/api/vertex.h: Vertex AI's form of the Messages API (docs/bedrock_and_vertex_api.md): the path names
// the model, the body the version; answers are the Messages API's own.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// POST /v1/projects/{p}/locations/{l}/publishers/anthropic/models/{m}:rawPredict, :streamRawPredict, and
// …/models/count-tokens:rawPredict. Project and location are the client's affair: routes decide who is asked.
Task<Result<>> post_vertex(Exchange& exchange, const Api& api);

}  // namespace weir::edge

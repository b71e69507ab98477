// model/providers/google/vertex.h: Messages requests as Vertex AI takes them. Its answers are the Claude
// API's own, events included; only some errors are Google's (cloud_error). Source: anthropic 2.12 lib/vertex.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/providers/cloud_request.h"
#include "model/providers/environment.h"
#include "net/http_client.h"

namespace weir::model {

constexpr std::string_view kVertexVersion = "vertex-2023-10-16";

struct VertexPlace {
  std::string project;
  std::string region;  // "us-east5", "global", or the multi-regions "us" and "eu"
};

// ANTHROPIC_VERTEX_PROJECT_ID or GOOGLE_CLOUD_PROJECT (else `project`, of the credentials), and
// CLOUD_ML_REGION. unavailable: one of them is not known.
Result<VertexPlace> vertex_place(const Environment& environment, std::string_view project);

// invalid_request: no region's name.
Result<net::Origin> vertex_origin(std::string_view region);

// …/models/{model}:rawPredict or :streamRawPredict. Leaves model out of the body, adds anthropic_version
// unless the client gave one; `stream` stays.
Result<CloudRequest> to_vertex(const MessagesInput& input, const VertexPlace& place);
// …/models/count-tokens:rawPredict; the model stays in the body, under the cloud's name for it.
Result<CloudRequest> to_vertex_count_tokens(const MessagesInput& input, const VertexPlace& place);

}  // namespace weir::model

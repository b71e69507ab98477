// edge/api/openapi.h: GET /openapi.json, the description of Weir's API (OpenAPI 3.1).
#pragma once

#include <string_view>

#include "edge/routes.h"

namespace weir::edge {

Task<Result<>> get_openapi(Exchange& exchange, const Api& api);

// Written by hand beside the code (openapi.json.inc); a test proves that it names exactly the routes.
std::string_view openapi_document();

}  // namespace weir::edge

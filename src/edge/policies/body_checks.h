// edge/policies/body_checks.h: what the head of a request tells about its body, before a byte is read.
// The body itself (its real size, UTF-8, JSON, nesting) is checked by edge/api/body.h as it arrives.
#pragma once

#include "edge/policies/admission.h"

namespace weir::edge {

// too_large for a declared size over the route's limit, unsupported_media_type for a wrong type or any
// content coding, invalid_request for no body where one is needed.
Result<> check_body_head(Exchange& exchange, Admission& admission);

// The type without parameters, in lower case: "Text/HTML; charset=utf-8" → "text/html".
std::string media_type_of(std::string_view content_type);

// application/json or a type that ends in +json, in UTF-8.
bool is_json_type(std::string_view content_type);

}  // namespace weir::edge

// edge/policies/request_id.h: names the request and joins the caller's trace.
#pragma once

#include <optional>
#include <string_view>

#include "edge/policies/admission.h"

namespace weir::edge {

// The id is always Weir's own, so that it is unique and sorts by time; it returns as x-request-id.
Result<> name_request(Exchange& exchange, Admission& admission);

// W3C Trace Context §3.2.2. nullopt: absent, malformed or all zeros, and then a new trace begins.
// Only trace_id, parent_id and sampled are set.
std::optional<TraceContext> parse_traceparent(std::string_view text);

}  // namespace weir::edge

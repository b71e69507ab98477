// edge/explanation.h: what Weir tells of a request: in short in the head of every answer, in full by
// GET /api/requests/{id} (docs/explain.md).
#pragma once

#include <string>
#include <string_view>

#include "data/traces.h"
#include "edge/exchange.h"
#include "net/headers.h"

namespace weir::edge {

// Server-Timing and x-weir-*: what is known when the head goes, at `now`.
void add_explanation(net::Headers& fields, const Exchange& exchange, Monotonic now,
                     std::chrono::nanoseconds overhead);
// A provider that is a Weir as well says the same of itself: not relayed.
bool is_explanation(std::string_view name);

// Weir's own time until the head went: without the provider's, and without waiting for the client's body.
std::chrono::nanoseconds overhead_until(const Exchange& exchange, Monotonic head_at);

// Keeps what became of the request, whose answer has ended at `now`. Probes and the page's files are not
// kept.
void keep_trace(data::Traces& traces, const Exchange& exchange, Monotonic now);

}  // namespace weir::edge

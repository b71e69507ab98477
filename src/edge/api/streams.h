// edge/api/streams.h: going on with a streamed answer after its connection was lost, and ending one.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// The stream from behind Last-Event-ID (or ?after=) on, to the key that began it. It is taken over from a
// connection that still reads it. 204: all of it has arrived; 404, 410: it cannot be had any more.
Task<Result<>> get_stream(Exchange& exchange, const Api& api);

// Aborts the upstream call and forgets the stream.
Task<Result<>> delete_stream(Exchange& exchange, const Api& api);

// The AI SDK's resume route: the chat's newest answer from its start, 204 when there is nothing to resume.
Task<Result<>> get_chat_stream(Exchange& exchange, const Api& api);

}  // namespace weir::edge

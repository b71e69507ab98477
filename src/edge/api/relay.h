// edge/api/relay.h: a provider's answer handed to the client, byte for byte, piece by piece.
#pragma once

#include "edge/exchange.h"
#include "model/call.h"

namespace weir::edge {

// Each piece leaves before the next is read, so that a slow client slows the provider. A body that
// breaks off cuts the client's connection too: half an answer must not look like a whole one.
Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply);

// Whether a field of a provider's answer goes to the client: all do, known or not, but those that
// speak about the provider's own site (cookies, CORS, HSTS, alternative services).
bool is_relayed(std::string_view name);

}  // namespace weir::edge

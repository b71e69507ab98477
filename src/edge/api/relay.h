// edge/api/relay.h: a provider's answer handed to the client, byte for byte, piece by piece.
#pragma once

#include <memory>

#include "edge/exchange.h"
#include "model/call.h"

namespace weir::edge {

struct Api;

// The head of the answer as the client sees it; takes the fields of the reply.
net::ResponseHead relayed_head(model::UpstreamReply& reply);

// Each piece leaves before the next is read, so that a slow client slows the provider. A body that
// breaks off cuts the client's connection too: half an answer must not look like a whole one.
Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply);
// The same behind a head and a first piece that were taken already; an empty piece is the end.
Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply, net::ResponseHead head,
                     std::string_view first);

// Makes the call and relays its answer. A stream that may outlive its connection, because the request asks
// for that (resume_wish.h), is read by a task of its own, and the client reads what has been kept. What
// cannot be resumed (no events, or bytes that hide them) and what finds no place is relayed as above.
// The call is given away on the heap: what a coroutine holds by value stays as long as the answer streams.
Task<Result<>> ask_and_relay(Exchange& exchange, const Api& api, std::unique_ptr<model::UpstreamCall> call);

// The call that a request in `dialect` asks for, with its body unchanged. Notes the model for the log.
Task<Result<std::unique_ptr<model::UpstreamCall>>> read_call(Exchange& exchange, const Api& api,
                                                             model::Dialect dialect);

// Whether a field of a provider's answer goes to the client: all do, known or not, but those that
// speak about the provider's own site (cookies, CORS, HSTS, alternative services), or of another Weir.
bool is_relayed(std::string_view name);

}  // namespace weir::edge

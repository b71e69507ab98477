// edge/api/object_owners.h: whose a provider's file, batch or vector store is: noted before the client
// learns its id, asked before each call that names it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/provider_objects.h"
#include "edge/api/api.h"
#include "edge/exchange.h"
#include "model/call.h"
#include "net/http.h"

namespace weir::edge {

// False while Weir asks for no key: then there is one caller, and all that is at the provider is its own.
bool owners_apply(const Exchange& exchange);
data::ObjectOwner owner_of(const Exchange& exchange);

// The name of the provider that has the caller's object; empty: not known, as of what was made past Weir.
// not_found: it is another key's, or nobody's.
Task<Result<std::string>> provider_of(const Exchange& exchange, const Api& api, data::ObjectKind kind,
                                      std::string id);

// not_found: one of them is not the caller's.
Task<Result<>> check_owned(const Exchange& exchange, const Api& api, data::ObjectKind kind,
                           std::vector<std::string> ids);

// Durable when it returns.
Task<Result<>> note_owner(const Exchange& exchange, const Api& api, data::ObjectKind kind, std::string id,
                          std::string provider);

// The largest object that Weir looks into: what a provider tells of a file or a batch.
constexpr std::size_t kObjectSizeMax = 1024 * 1024;

struct CreatedObject {
  std::unique_ptr<model::UpstreamReply> reply;
  std::optional<std::string> object;  // in JSON; nullopt: the provider refused, and nothing of reply is read
};
// Makes the call, and notes whose the object is that it makes.
Task<Result<CreatedObject>> create_object(Exchange& exchange, const Api& api, data::ObjectKind kind,
                                          model::UpstreamCall call);
// The same with the exchange's request and this body, as it arrives.
Task<Result<>> upload_object(Exchange& exchange, const Api& api, data::ObjectKind kind,
                             net::BodyReader& body);

// The exchange's own request, without its body, about an object of this kind.
model::UpstreamCall object_call(Exchange& exchange, std::string_view provider, data::ObjectKind kind);
// The answer to the exchange's own request, without its body, about the caller's object.
Task<Result<std::unique_ptr<model::UpstreamReply>>> ask_for_object(Exchange& exchange, const Api& api,
                                                                   data::ObjectKind kind);
Task<Result<>> pass_object(Exchange& exchange, const Api& api, data::ObjectKind kind);
// Forgets whose it was when the provider has deleted it.
Task<Result<>> delete_object(Exchange& exchange, const Api& api, data::ObjectKind kind);

// The `id` of an object in JSON; upstream_failed: there is none.
Result<std::string> id_of(std::string_view object);

}  // namespace weir::edge

// edge/api/passthrough.h: what Weir does not know of Anthropic's API (skills, agents, user profiles…).
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// Any method, the query and body byte for byte, the fields as for /v1/messages, to the provider that has the
// endpoint; admitted like every other call, not metered. A small body can be tried again, a large one is
// passed on as it arrives. not_found for /v1/organizations/… unless edge.organization_api, for what could be
// read as another path, and for everything below the paths whose objects have owners.
Task<Result<>> pass_on(Exchange& exchange, const Api& api);

}  // namespace weir::edge

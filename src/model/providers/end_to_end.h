// model/providers/end_to_end.h: which fields of a message go on to the next party.
#pragma once

#include <string_view>

#include "net/headers.h"

namespace weir::model {

// What a provider may see of a client's request: everything but the fields of this connection (RFC 9110
// §7.6.1, with those that Connection names), the framing, the client's credentials and cookies, what
// tells where the client is, and accept-encoding, which decides whether the meter can read.
// Fields whose names begin with `foreign_prefix` stay behind too: they speak to another API; empty: none.
net::Headers request_fields(const net::Headers& from_client, std::string_view foreign_prefix = {});

// What a client may see of a provider's answer: everything but the fields of this connection, the
// framing, cookies (they are Weir's: its clients share the connections) and alt-svc (it names another host).
net::Headers response_fields(net::Headers from_provider);

}  // namespace weir::model

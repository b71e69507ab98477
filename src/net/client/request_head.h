// net/client/request_head.h: the bytes before a request's body (RFC 9112 §3, §5).
#pragma once

#include <string>

#include "base/error.h"
#include "net/client.h"

namespace weir::net {

// Host, content-length and the fields that concern only one connection (RFC 9110 §7.6.1) are written
// here, whatever request.headers says. invalid_request for a method, target, name or value that
// could end its line and begin another, or is otherwise not of RFC 9110's grammar.
Result<std::string> request_head(const Origin& origin, const ClientRequest& request);

}  // namespace weir::net

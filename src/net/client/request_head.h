// net/client/request_head.h: what stands before a request's body: bytes of HTTP/1.1 (RFC 9112 §3, §5), or
// fields of HTTP/2 (RFC 9113 §8.3).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/client.h"

namespace weir::net {

// Host, content-length and the fields that concern only one connection (RFC 9110 §7.6.1) are written
// here, whatever request.headers says. invalid_request for a method, target, name or value that
// could end its line and begin another, or is otherwise not of RFC 9110's grammar.
Result<std::string> request_head(const Origin& origin, const ClientRequest& request);

// The same for HTTP/2, the pseudo-fields first.
using RequestFields = std::vector<std::pair<std::string, std::string>>;
Result<RequestFields> request_fields(const Origin& origin, const ClientRequest& request);

}  // namespace weir::net

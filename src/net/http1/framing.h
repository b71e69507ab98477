// net/http1/framing.h: what a parsed head means: host, target, where the body ends, keep-alive.
#pragma once

#include <cstdint>
#include <optional>

#include "net/http.h"
#include "net/http1/chunked.h"
#include "net/server.h"

namespace weir::net::http1 {

struct Framing {
  bool chunked = false;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Reads one complete head (request line to empty line, scanned already) into `request`: method,
// target, version and fields as they stand.
std::optional<Refusal> parse_head(std::string_view head, Request& request);

// Checks the fields that frame and route the message and fills in path, query, authority,
// content_length and has_body.
std::optional<Refusal> check_head(const ServerConfig& limits, Request& request, Framing& framing);

}  // namespace weir::net::http1

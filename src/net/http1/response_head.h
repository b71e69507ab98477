// net/http1/response_head.h: the head of a response as bytes (RFC 9112 §4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/headers.h"
#include "net/http.h"

namespace weir::net::http1 {

// How the end of the body is told.
enum class BodyFraming : std::uint8_t {
  none,     // no body and no length: 1xx, 204, 304
  length,
  chunked,
  close,    // until the connection ends: HTTP/1.0 without a length
};

struct ResponseFraming {
  BodyFraming body = BodyFraming::none;
  std::int64_t length = 0;
  bool keep_alive = true;
  HttpVersion version = HttpVersion::http11;  // of the request
};

// RFC 9110 §6.4.1 and §15.
bool status_has_body(int status);

// Appends status line, fields, framing and the empty line. Framing fields among `headers` are left
// out: they are the server's. False, with `out` unchanged, when a field could split the message.
bool append_response_head(std::string& out, int status, const Headers& headers,
                          const ResponseFraming& framing, std::string_view date);

}  // namespace weir::net::http1

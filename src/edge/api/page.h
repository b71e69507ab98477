// edge/api/page.h: the chat page, which is part of the binary.
#pragma once

#include <span>
#include <string_view>

#include "edge/routes.h"

namespace weir::edge {

struct EmbeddedFile {
  std::string_view path;        // as requested: "/", "/assets/chat-06ef306e30.css"
  std::string_view media_type;  // with charset where it has one
  std::string_view bytes;
  std::string_view gzip;  // the same compressed; empty: not worth it
  std::string_view etag;  // quoted
};

// Defined in the generated page_files.cpp.
std::span<const EmbeddedFile> page_files();

// GET /, /favicon.svg and /assets/*. Assets carry a hash in their names and may be kept for ever;
// the rest is asked for again with If-None-Match (RFC 9110 §13.1.2).
Task<Result<>> get_page(Exchange& exchange, const Api& api);

}  // namespace weir::edge

// The page in builds without the built bundle: says where the API is.
#include "edge/api/page.h"

namespace weir::edge {
namespace {

constexpr std::string_view kPlainPage =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Weir</title></head>"
    "<body><h1>Weir</h1><p>POST /api/chat answers questions; <a href=\"/openapi.json\">/openapi.json</a> "
    "describes the rest.</p></body></html>\n";

constexpr EmbeddedFile kFiles[] = {{"/", "text/html; charset=utf-8", kPlainPage, "", "\"plain-1\""}};

}  // namespace

std::span<const EmbeddedFile> page_files() {
  return kFiles;
}

}  // namespace weir::edge

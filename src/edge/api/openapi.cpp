#include "edge/api/openapi.h"

#include "edge/api/api.h"
#include "edge/api/body.h"

namespace weir::edge {
namespace {

constexpr std::string_view kDocument =
#include "edge/api/openapi.json.inc"
    ;

}  // namespace

std::string_view openapi_document() {
  return kDocument;
}

Task<Result<>> get_openapi(Exchange& exchange, const Api&) {
  auto response = json_response(200, std::string(kDocument));
  response.headers.add("cache-control", "no-cache");
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge

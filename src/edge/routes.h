// edge/routes.h: the route table, and finding in it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "edge/exchange.h"

namespace weir::edge {

struct EdgeConfig;
struct Api;  // edge/api/api.h: what the handlers stand on

// A handler answers through exchange.out and returns success, or returns the error to be answered.
using RouteHandler = Task<Result<>> (*)(Exchange& exchange, const Api& api);

enum class BodyRule : std::uint8_t {
  none,      // a body is not read
  json,      // application/json, in UTF-8, not empty
  document,  // multipart/form-data, application/json, or the document itself: of any type
};

// What a route lets past the policies; the reasons stand beside the table.
enum class Exempt : std::uint8_t {
  nothing,
  key,        // answers without a key, but counts against the rate limit
  admission,  // neither key, rate limit nor in-flight limit
};

struct Route {
  std::string_view method;   // a GET route answers HEAD as well
  std::string_view pattern;  // "/api/documents/{id}": one segment, once; "/assets/*": the rest
  std::string_view scope;    // a key's scope; empty: any key
  Exempt exempt = Exempt::nothing;
  BodyRule body = BodyRule::none;
  std::size_t EdgeConfig::* body_size_max = nullptr;
  ApiShape shape = ApiShape::weir;
  RouteHandler handler = nullptr;
  bool probe = false;      // asked every few seconds by machines: logged at debug level
  bool documented = true;  // stands in /openapi.json
};

// Every route of Weir.
std::span<const Route> route_table();

// Routes without a handler for requests that match no line of the table, so that they pass the same
// policies.
namespace fallback {
// 404 and 405 with Allow, in each shape; rate limited, so that nobody scans for free.
extern const Route kNotFound, kNotFoundAnthropic, kNotFoundOpenAi, kNotFoundAws, kNotFoundGoogle;
extern const Route kMethodNotAllowed, kMethodNotAllowedAnthropic, kMethodNotAllowedOpenAi;
extern const Route kMethodNotAllowedAws, kMethodNotAllowedGoogle;
extern const Route kOptions;  // 204 with Allow, or the answer to a CORS preflight
std::span<const Route* const> all();
// Stands in for their handler.
Task<Result<>> answer(Exchange& exchange);
}  // namespace fallback

// "/api/v1/chat" → "/api/chat": the version is there for clients that want one in the path.
std::string canonical_path(std::string_view path);

// Sets exchange.route, path_argument and allow; exchange.path is set.
void find_route(Exchange& exchange);

// The methods of a path, as Allow lists them: "GET, HEAD, POST, OPTIONS". Empty: no such path.
std::string allowed_methods(std::string_view path);

}  // namespace weir::edge

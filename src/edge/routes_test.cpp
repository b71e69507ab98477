#include "edge/routes.h"

#include <doctest/doctest.h>

#include <set>

#include "base/json.h"
#include "edge/api/openapi.h"
#include "edge/edge.h"
#include "edge/outlet.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

struct Found {
  const Route* route;
  std::string argument, allow;
};

Found find(std::string_view method, std::string_view path) {
  net::StringBody body("");
  net::Request request = test::request_of(std::string(method), std::string(path), body);
  test::CapturedResponse captured;
  Outlet out(captured, "", false);
  Exchange exchange(request, out);
  exchange.path = canonical_path(path);
  find_route(exchange);
  return {exchange.route, std::string(exchange.path_argument), exchange.allow};
}

TEST_CASE("a pattern matches whole paths; {id} is one segment") {
  CHECK(find("GET", "/api/documents/doc_1").route->pattern == "/api/documents/{id}");
  CHECK(find("GET", "/api/documents/doc_1").argument == "doc_1");
  CHECK(find("GET", "/api/documents/a/b").route == &fallback::kNotFound);
  CHECK(find("GET", "/api/documents/").route == &fallback::kNotFound);
  CHECK(find("GET", "/api/chat/c_1/stream").argument == "c_1");
  for (const char* path :
       {"/api/chat//stream", "/api/chat/stream", "/api/chat/a/b/stream", "/api/chat/a/streams"}) {
    CHECK(find("GET", path).route == &fallback::kNotFound);
  }
  CHECK(find("GET", "/assets/a/b.css").argument == "a/b.css");
  CHECK(find("GET", "/assets/").route == &fallback::kNotFound);
  CHECK(find("POST", "/v1/messages").route->pattern == "/v1/messages");
  CHECK(find("POST", "/v1/messages/count_tokens").route->pattern == "/v1/messages/count_tokens");
  CHECK(find("GET", "/v1/messages").route == &fallback::kMethodNotAllowedAnthropic);
  CHECK(find("POST", "/v1/chat/completions").route->pattern == "/v1/chat/completions");
  CHECK(find("GET", "/v1/chat/completions").route == &fallback::kMethodNotAllowedOpenAi);
  CHECK(find("GET", "/v1/responses/resp_1").route == &fallback::kNotFoundOpenAi);
  CHECK(find("GET", "/v1x").route == &fallback::kNotFound);
  CHECK(find("DELETE", "/api/v1/documents/x").route->method == "DELETE");
  CHECK(find("PUT", "/api/documents/x").allow == "GET, HEAD, DELETE, OPTIONS");
}

TEST_CASE("the paths that two APIs have go by what the client sends") {
  const auto shape_for = [](std::string_view path, net::Headers headers) {
    net::StringBody body("");
    net::Request request = test::request_of("GET", std::string(path), body);
    request.headers = std::move(headers);
    test::CapturedResponse captured;
    Outlet out(captured, "", false);
    Exchange exchange(request, out);
    exchange.path = path;
    find_route(exchange);
    return exchange.route->shape;
  };
  for (const char* path : {"/v1/files", "/v1/files/file-1", "/v1/files/file-1/content"}) {
    CHECK(shape_for(path, {{"authorization", "Bearer k"}}) == ApiShape::openai);
    CHECK(shape_for(path, {{"x-api-key", "k"}}) == ApiShape::anthropic);
    CHECK(shape_for(path, {{"authorization", "Bearer k"}, {"anthropic-version", "2023-06-01"}}) ==
          ApiShape::anthropic);
    CHECK(shape_for(path, {{"authorization", "Bearer k"}, {"anthropic-beta", "files-api-2025-04-14"}}) ==
          ApiShape::anthropic);
  }
  CHECK(find("GET", "/v1/vector_stores/vs_1/files/file-1").argument == "vs_1/files/file-1");
  CHECK(find("PUT", "/v1/batches").route == &fallback::kMethodNotAllowedOpenAi);
  CHECK(find("PUT", "/v1/files").allow == "POST, GET, HEAD, OPTIONS");
}

TEST_CASE("the version in the path is optional") {
  CHECK(canonical_path("/api/v1/chat") == "/api/chat");
  CHECK(canonical_path("/api/v1") == "/api");
  CHECK(canonical_path("/api/v12/chat") == "/api/v12/chat");
  CHECK(canonical_path("/v1/messages") == "/v1/messages");
}

TEST_CASE("every route has a handler, a limit for its body, and a scope or a reason for none") {
  for (const Route& route : route_table()) {
    CAPTURE(route.pattern);
    CHECK((route.handler != nullptr));
    CHECK((route.body == BodyRule::none) == (route.body_size_max == nullptr));
    CHECK((route.exempt != Exempt::nothing || !route.scope.empty() || route.pattern == "/metrics" ||
           route.pattern == "/api/check/stream" || route.pattern == "/api/streams/{id}" ||
           route.pattern == "/api/requests/{id}"));
  }
}

TEST_CASE("the OpenAPI document lists exactly the routes") {
  const auto document = parse_json(openapi_document());
  REQUIRE(document.has_value());
  CHECK(string_member(*document, "openapi") == "3.1.0");
  std::set<std::string> described;
  for (const auto& [path, operations] : find_member(*document, "paths")->as_object()) {
    for (const auto& [method, operation] : operations.as_object())
      described.insert(std::string(method) + " " + std::string(path));
  }
  std::set<std::string> routes;
  for (const Route& route : route_table()) {
    if (!route.documented) continue;
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c + 32);
    routes.insert(method + " " + std::string(route.pattern));
  }
  // A line that stands for many paths may have the best known of them described.
  for (const std::string& operation : std::set(described)) {
    const std::size_t space = operation.find(' ');
    std::string method = operation.substr(0, space), path = operation.substr(space + 1);
    for (char& c : method) c = static_cast<char>(c - 32);
    if (!path.starts_with("/v1/projects/")) continue;
    CAPTURE(path);
    std::erase_if(path, [](char c) { return c == '{' || c == '}'; });
    CHECK(find(method, path).route->pattern == "/v1/projects/*");
    described.erase(operation);
  }
  CHECK(described == routes);
  // What needs no key says so.
  for (const Route& route : route_table()) {
    if (!route.documented) continue;
    CAPTURE(route.pattern);
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c + 32);
    const auto& operation =
        find_member(*document, "paths")->as_object().at(route.pattern).as_object().at(method).as_object();
    CHECK(operation.contains("security") == (route.exempt != Exempt::nothing));
  }
}

}  // namespace
}  // namespace weir::edge

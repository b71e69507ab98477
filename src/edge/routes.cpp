#include "edge/routes.h"

#include <algorithm>
#include <array>

#include "edge/api/batches.h"
#include "edge/api/bedrock.h"
#include "edge/api/chat.h"
#include "edge/api/check_stream.h"
#include "edge/api/documents.h"
#include "edge/api/files.h"
#include "edge/api/health.h"
#include "edge/api/messages.h"
#include "edge/api/metrics.h"
#include "edge/api/models.h"
#include "edge/api/openai.h"
#include "edge/api/openai_objects.h"
#include "edge/api/openai_whole.h"
#include "edge/api/openapi.h"
#include "edge/api/page.h"
#include "edge/api/passthrough.h"
#include "edge/api/requests.h"
#include "edge/api/streams.h"
#include "edge/api/vertex.h"
#include "edge/edge.h"
#include "edge/outlet.h"

namespace weir::edge {
namespace {

using enum Exempt;
constexpr auto kChatSize = &EdgeConfig::chat_body_size_max;
constexpr auto kDocumentSize = &EdgeConfig::document_body_size_max;
constexpr auto kBatchSize = &EdgeConfig::batch_body_size_max;
constexpr auto kFileSize = &EdgeConfig::file_body_size_max;
constexpr auto kMessagesSize = &EdgeConfig::messages_body_size_max;
constexpr ApiShape kAnthropic = ApiShape::anthropic;
constexpr ApiShape kOpenAi = ApiShape::openai;
constexpr ApiShape kAws = ApiShape::aws;
constexpr ApiShape kGoogle = ApiShape::google;

// clang-format off
constexpr std::array kTable{
    // Exempt from admission: probes, which must answer while everything else is refused, and the page's
    // files, of which one visit asks several at once. They cost nothing and tell nothing.
    Route{"GET", "/livez", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_live, true},
    Route{"GET", "/readyz", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_ready, true},
    Route{"GET", "/api/health", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_health, true},
    Route{"GET", "/api/hello", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_hello, true},
    Route{"GET", "/", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_page, false, false},
    Route{"GET", "/favicon.svg", "", admission, BodyRule::none, nullptr,
          ApiShape::weir, get_page, false, false},
    Route{"GET", "/assets/*", "", admission, BodyRule::none, nullptr, ApiShape::weir, get_page, false, false},
    // Exempt from the key: what one reads in order to learn that a key is needed.
    Route{"GET", "/openapi.json", "", key, BodyRule::none, nullptr, ApiShape::weir, get_openapi},

    Route{"POST", "/api/chat", "chat", nothing, BodyRule::json, kChatSize, ApiShape::weir, post_chat},
    Route{"GET", "/api/chat/{id}/stream", "chat", nothing, BodyRule::none, nullptr,
          ApiShape::weir, get_chat_stream},
    // Without a scope: a stream is its own key's, whichever route began it, and its id cannot be guessed.
    Route{"GET", "/api/streams/{id}", "", nothing, BodyRule::none, nullptr, ApiShape::weir, get_stream},
    Route{"DELETE", "/api/streams/{id}", "", nothing, BodyRule::none, nullptr, ApiShape::weir, delete_stream},
    // Without a scope: it tells nothing, and whoever checks a deployment should need no more than a key.
    Route{"GET", "/api/check/stream", "", nothing, BodyRule::none, nullptr,
          ApiShape::weir, get_check_stream, true},
    // Without a scope: a request is its own key's.
    Route{"GET", "/api/requests/{id}", "", nothing, BodyRule::none, nullptr, ApiShape::weir, get_request},
    Route{"POST", "/api/documents", "documents", nothing, BodyRule::document, kDocumentSize,
          ApiShape::weir, post_document},
    Route{"GET", "/api/documents", "documents", nothing, BodyRule::none, nullptr,
          ApiShape::weir, list_documents},
    Route{"GET", "/api/documents/{id}", "documents", nothing, BodyRule::none, nullptr,
          ApiShape::weir, get_document},
    Route{"DELETE", "/api/documents/{id}", "documents", nothing, BodyRule::none, nullptr,
          ApiShape::weir, delete_document},

    Route{"POST", "/v1/messages", "models", nothing, BodyRule::json, kMessagesSize,
          kAnthropic, post_messages},
    Route{"POST", "/v1/messages/count_tokens", "models", nothing, BodyRule::json, kMessagesSize,
          kAnthropic, post_count_tokens},
    Route{"POST", "/v1/messages/batches", "models", nothing, BodyRule::streamed, kBatchSize,
          kAnthropic, post_batch},
    Route{"GET", "/v1/messages/batches", "models", nothing, BodyRule::none, nullptr, kAnthropic, list_batches},
    Route{"GET", "/v1/messages/batches/{id}", "models", nothing, BodyRule::none, nullptr,
          kAnthropic, get_batch},
    Route{"DELETE", "/v1/messages/batches/{id}", "models", nothing, BodyRule::none, nullptr,
          kAnthropic, delete_batch},
    Route{"POST", "/v1/messages/batches/{id}/cancel", "models", nothing, BodyRule::none, nullptr,
          kAnthropic, cancel_batch},
    Route{"GET", "/v1/messages/batches/{id}/results", "models", nothing, BodyRule::none, nullptr,
          kAnthropic, get_batch_results},
    Route{"POST", "/v1/files", "models", nothing, BodyRule::streamed, kFileSize, kAnthropic, post_file},
    Route{"GET", "/v1/files", "models", nothing, BodyRule::none, nullptr, kAnthropic, list_files},
    Route{"GET", "/v1/files/{id}", "models", nothing, BodyRule::none, nullptr, kAnthropic, get_file},
    Route{"DELETE", "/v1/files/{id}", "models", nothing, BodyRule::none, nullptr, kAnthropic, delete_file},
    Route{"GET", "/v1/files/{id}/content", "models", nothing, BodyRule::none, nullptr,
          kAnthropic, get_file_content},
    // OpenAI's at the same paths; for_client() tells whom they are for.
    Route{"POST", "/v1/files", "models", nothing, BodyRule::streamed, kFileSize,
          kOpenAi, post_openai_file, false, false},
    Route{"GET", "/v1/files", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, list_openai_files, false, false},
    Route{"GET", "/v1/files/{id}", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, get_openai_file, false, false},
    Route{"DELETE", "/v1/files/{id}", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, delete_openai_file, false, false},
    Route{"GET", "/v1/files/{id}/content", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, get_openai_file_content, false, false},
    Route{"POST", "/v1/batches", "models", nothing, BodyRule::json, kMessagesSize, kOpenAi, post_openai_batch},
    Route{"GET", "/v1/batches", "models", nothing, BodyRule::none, nullptr, kOpenAi, list_openai_batches},
    Route{"GET", "/v1/batches/{id}", "models", nothing, BodyRule::none, nullptr, kOpenAi, ask_openai_batch},
    Route{"POST", "/v1/batches/{id}/cancel", "models", nothing, BodyRule::streamed, kMessagesSize,
          kOpenAi, ask_openai_batch},
    Route{"POST", "/v1/vector_stores", "models", nothing, BodyRule::streamed, kMessagesSize,
          kOpenAi, post_vector_store},
    Route{"GET", "/v1/vector_stores", "models", nothing, BodyRule::none, nullptr, kOpenAi, list_vector_stores},
    Route{"GET", "/v1/vector_stores/*", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, ask_vector_store, false, false},
    Route{"POST", "/v1/vector_stores/*", "models", nothing, BodyRule::streamed, kMessagesSize,
          kOpenAi, ask_vector_store, false, false},
    Route{"DELETE", "/v1/vector_stores/*", "models", nothing, BodyRule::none, nullptr,
          kOpenAi, ask_vector_store, false, false},
    Route{"POST", "/v1/chat/completions", "models", nothing, BodyRule::json, kMessagesSize,
          kOpenAi, post_chat_completions},
    Route{"POST", "/v1/responses", "models", nothing, BodyRule::json, kMessagesSize,
          kOpenAi, post_responses},
    Route{"POST", "/v1/embeddings", "models", nothing, BodyRule::json, kMessagesSize,
          kOpenAi, post_embeddings},
    Route{"POST", "/v1/audio/speech", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/audio/transcriptions", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/audio/translations", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/images/generations", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/images/edits", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/audio/*", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole, false, false},
    Route{"POST", "/v1/images/*", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole, false, false},
    Route{"POST", "/v1/moderations", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/completions", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    Route{"POST", "/v1/responses/input_tokens", "models", nothing, BodyRule::document, kMessagesSize,
          kOpenAi, post_openai_whole},
    // boto3 names no type of the body.
    Route{"POST", "/model/{id}/invoke", "models", nothing, BodyRule::document, kMessagesSize,
          kAws, post_bedrock},
    Route{"POST", "/model/{id}/invoke-with-response-stream", "models", nothing, BodyRule::document,
          kMessagesSize, kAws, post_bedrock},
    Route{"POST", "/model/{id}/converse", "models", nothing, BodyRule::document, kMessagesSize,
          kAws, post_bedrock},
    Route{"POST", "/model/{id}/converse-stream", "models", nothing, BodyRule::document, kMessagesSize,
          kAws, post_bedrock},
    Route{"POST", "/model/{id}/count-tokens", "models", nothing, BodyRule::document, kMessagesSize,
          kAws, post_bedrock},
    // The same with an ARN whose slashes are not escaped.
    Route{"POST", "/model/*", "models", nothing, BodyRule::document, kMessagesSize,
          kAws, post_bedrock, false, false},
    Route{"POST", "/v1/projects/*", "models", nothing, BodyRule::json, kMessagesSize,
          kGoogle, post_vertex, false, false},
    Route{"GET", "/v1/models", "models", nothing, BodyRule::none, nullptr, kAnthropic, list_models},
    Route{"GET", "/v1/models/{id}", "models", nothing, BodyRule::none, nullptr, kAnthropic, get_model},

    // The rest of Anthropic's API, which Weir does not look into.
    Route{"*", "/v1/*", "models", nothing, BodyRule::streamed, kFileSize, kAnthropic, pass_on, false, false},

    // They tell of everybody's models, tokens and cost.
    Route{"GET", "/metrics", "metrics", nothing, BodyRule::none, nullptr, ApiShape::weir, get_metrics},
};
// clang-format on

// The argument of `pattern` in `path`: what {id} or * matches, "" for a pattern without one; nullopt:
// no match. An {id} is one segment and not empty.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find_first_of("{*");
  if (open == pattern.npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view behind = pattern.substr(pattern.find_first_of("}*", open) + 1);
  if (path.size() < open + behind.size() || !path.starts_with(pattern.substr(0, open)) ||
      !path.ends_with(behind))
    return std::nullopt;
  const std::string_view argument = path.substr(open, path.size() - open - behind.size());
  if (argument.empty() || (pattern[open] == '{' && argument.contains('/'))) return std::nullopt;
  return argument;
}

ApiShape shape_of(std::string_view path) {
  constexpr std::array<std::string_view, 9> kOpenAiPrefixes{
      "/v1/chat/",   "/v1/responses",   "/v1/embeddings", "/v1/completions",  "/v1/audio/",
      "/v1/images/", "/v1/moderations", "/v1/batches",    "/v1/vector_stores"};
  if (std::ranges::any_of(kOpenAiPrefixes, [path](std::string_view p) { return path.starts_with(p); }))
    return ApiShape::openai;
  if (path.starts_with("/model/")) return ApiShape::aws;
  if (path.starts_with("/v1/projects/")) return ApiShape::google;
  return path == "/v1" || path.starts_with("/v1/") ? ApiShape::anthropic : ApiShape::weir;
}

}  // namespace

namespace fallback {

// Each in every shape, because the manners follow the path.
constexpr Route not_found(ApiShape shape) {
  return {"*", "not found", "", key, BodyRule::none, nullptr, shape, nullptr, false, false};
}
constexpr Route wrong_method(ApiShape shape) {
  return {"*", "method not allowed", "", key, BodyRule::none, nullptr, shape, nullptr, false, false};
}
const Route kNotFound = not_found(ApiShape::weir);
const Route kNotFoundAnthropic = not_found(ApiShape::anthropic);
const Route kNotFoundOpenAi = not_found(ApiShape::openai);
const Route kNotFoundAws = not_found(ApiShape::aws);
const Route kNotFoundGoogle = not_found(ApiShape::google);
const Route kMethodNotAllowed = wrong_method(ApiShape::weir);
const Route kMethodNotAllowedAnthropic = wrong_method(ApiShape::anthropic);
const Route kMethodNotAllowedOpenAi = wrong_method(ApiShape::openai);
const Route kMethodNotAllowedAws = wrong_method(ApiShape::aws);
const Route kMethodNotAllowedGoogle = wrong_method(ApiShape::google);
// `routes`: in the order of ApiShape.
const Route* in_shape(ApiShape shape, const std::array<const Route*, 5>& routes) {
  return routes[static_cast<std::size_t>(shape)];
}
// Browsers ask before every other call, without a key; counting that would halve their limit. What is not
// limited is logged as probes are: at debug level.
const Route kOptions{"OPTIONS", "options",      "",      admission, BodyRule::none,
                     nullptr,   ApiShape::weir, nullptr, true,      false};

Task<Result<>> answer(Exchange& exchange) {
  if (exchange.route == &kOptions) {
    net::Response response;
    response.status = 204;
    response.headers.add("allow", exchange.allow);
    co_return co_await exchange.out.send(std::move(response));
  }
  if (exchange.allow.empty()) {
    co_return fail(Code::not_found, "there is no " + exchange.path, "GET /openapi.json lists what there is");
  }
  exchange.out.extra().set("allow", exchange.allow);
  co_return fail(Code::method_not_allowed, exchange.path + " does not answer " + exchange.request.method,
                 "use one of " + exchange.allow);
}

std::span<const Route* const> all() {
  static constexpr std::array kAll{&kNotFound,
                                   &kNotFoundAnthropic,
                                   &kNotFoundOpenAi,
                                   &kNotFoundAws,
                                   &kNotFoundGoogle,
                                   &kMethodNotAllowedAws,
                                   &kMethodNotAllowedGoogle,
                                   &kMethodNotAllowed,
                                   &kMethodNotAllowedAnthropic,
                                   &kMethodNotAllowedOpenAi,
                                   &kOptions};
  return kAll;
}

}  // namespace fallback

std::span<const Route> route_table() {
  return kTable;
}

std::string canonical_path(std::string_view path) {
  constexpr std::string_view kVersioned = "/api/v1";
  if (path == kVersioned || path.starts_with("/api/v1/"))
    return "/api" + std::string(path.substr(kVersioned.size()));
  return std::string(path);
}

std::string allowed_methods(std::string_view path) {
  std::string methods;
  for (const Route& route : kTable) {
    if (route.method == "*" || (path != "*" && !match(route.pattern, path))) continue;
    if (methods.contains(route.method)) continue;  // two lines have the path, or "*": the whole server
    methods += std::string(route.method) + ", ";
    if (route.method == "GET") methods += "HEAD, ";
  }
  if (!methods.empty()) methods += "OPTIONS";
  return methods;
}

namespace {

// The line for any method, where it is for paths of this shape.
bool find_open_route(Exchange& exchange, ApiShape shape) {
  for (const Route& route : kTable) {
    const auto argument = match(route.pattern, exchange.path);
    if (route.method != "*" || route.shape != shape || !argument) continue;
    exchange.route = &route;
    exchange.path_argument = *argument;
    return true;
  }
  return false;
}

// The line of OpenAI's API at that path, for its clients.
const Route& for_client(const Route& found, const Exchange& exchange) {
  if (found.shape != ApiShape::anthropic || !is_openai_client(exchange)) return found;
  const auto* const twin = std::ranges::find_if(kTable, [&found](const Route& route) {
    return route.shape == ApiShape::openai && route.method == found.method && route.pattern == found.pattern;
  });
  return twin == kTable.end() ? found : *twin;
}

}  // namespace

void find_route(Exchange& exchange) {
  const std::string_view method =
      exchange.request.method == "HEAD" ? "GET" : std::string_view(exchange.request.method);
  for (const Route& route : kTable) {
    if (route.method != method) continue;
    const auto argument = match(route.pattern, exchange.path);
    if (!argument) continue;
    exchange.route = &for_client(route, exchange);
    exchange.path_argument = *argument;
    return;
  }
  const ApiShape shape = shape_of(exchange.path);
  exchange.allow = allowed_methods(exchange.path);
  if (exchange.allow.empty() && method != "OPTIONS" && find_open_route(exchange, shape)) return;
  if (exchange.allow.empty()) {
    exchange.route = fallback::in_shape(
        shape, {&fallback::kNotFound, &fallback::kNotFoundAnthropic, &fallback::kNotFoundOpenAi,
                &fallback::kNotFoundAws, &fallback::kNotFoundGoogle});
  } else if (method == "OPTIONS") {
    exchange.route = &fallback::kOptions;
  } else {
    exchange.route =
        fallback::in_shape(shape, {&fallback::kMethodNotAllowed, &fallback::kMethodNotAllowedAnthropic,
                                   &fallback::kMethodNotAllowedOpenAi, &fallback::kMethodNotAllowedAws,
                                   &fallback::kMethodNotAllowedGoogle});
  }
}

}  // namespace weir::edge

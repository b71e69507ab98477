#include "edge/api/vertex.h"

#include "base/json_edit.h"
#include "base/text.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/relay.h"
#include "model/providers/cloud_request.h"

namespace weir::edge {
namespace {

constexpr std::string_view kPublisher = "/publishers/anthropic/models/";
constexpr std::string_view kClaudeVersion =
    "2023-06-01";  // of the Messages API, which Vertex's own stands for
constexpr std::string_view kVertexVersions = "vertex-";

struct Target {
  std::string model;  // empty: the body names it
  bool counts = false;
  bool stream = false;
};

// `path` is "{p}/locations/{l}/publishers/anthropic/models/{m}:action", decoded.
Result<Target> read_target(std::string_view path) {
  const auto parts = split(path, '/');
  const std::size_t at = path.find(kPublisher);
  const std::size_t colon = path.rfind(':');
  const bool is_model = parts.size() == 7 && parts[1] == "locations" && at != std::string_view::npos &&
                        colon != std::string_view::npos && colon > at + kPublisher.size();
  const std::string_view action = is_model ? path.substr(colon + 1) : std::string_view();
  if (action != "rawPredict" && action != "streamRawPredict") {
    return fail(Code::not_found, "there is no " + std::string(path),
                "Weir has rawPredict and streamRawPredict of publishers/anthropic/models");
  }
  const std::string_view model = path.substr(at + kPublisher.size(), colon - at - kPublisher.size());
  if (model == "count-tokens") return Target{.model = {}, .counts = true};
  return Target{.model = std::string(model), .stream = action == "streamRawPredict"};
}

struct Message {
  std::string body;
  std::string version;
};

// The body as the Messages API has it.
Result<Message> to_message(std::string_view body, const Target& target) {
  auto edit = JsonEdit::read(body);
  if (!edit) return fail(edit);
  Message out{.body = {}, .version = std::string(kClaudeVersion)};
  if (const JsonMember* member = edit->find("anthropic_version")) {
    auto version = json_string(member->value);
    if (version && !version->starts_with(kVertexVersions)) out.version = *std::move(version);
  }
  edit->remove("anthropic_version");
  if (!target.model.empty()) edit->set("model", model::json_text(target.model));
  if (target.stream && edit->find("stream") == nullptr) edit->set("stream", "true");
  out.body = edit->text();
  return out;
}

}  // namespace

Task<Result<>> post_vertex(Exchange& exchange, const Api& api) {
  auto target = read_target(exchange.path_argument);
  if (!target) co_return fail(target);
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto message = to_message(*body, *target);
  if (!message) co_return fail(message);
  auto facts = api.request_readers.read(message->body);
  if (!facts) co_return fail(facts);
  exchange.model = facts->model;

  auto call = std::make_unique<model::UpstreamCall>();
  call->target = target->counts ? "/v1/messages/count_tokens" : "/v1/messages";
  call->headers = exchange.request.headers;
  if (!call->headers.contains("anthropic-version")) call->headers.set("anthropic-version", message->version);
  call->headers.remove("x-goog-user-project");
  call->body = std::move(message->body);
  call->model = std::move(facts->model);
  call->stream = facts->stream;
  call->facts = static_cast<model::CallFacts&>(*facts);
  call->metered = !target->counts;
  call->who = attribution_of(exchange);
  co_return co_await ask_and_relay(exchange, api, std::move(call));
}

}  // namespace weir::edge
